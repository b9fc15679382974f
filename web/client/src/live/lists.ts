import { CONVERSATIONS_KEPT, LINGER_MS, LIST_PAGE_MAX, LISTS_KEPT, RECHECK_AT_MOST_EVERY_MS, RECHECK_MS } from '../limits.js';
import { conversationTopic } from '../protocol/events.js';
import { filtersKey, filtersOfKey, filtersQuery, fullFilters, type ConversationFilters, type FullFilters } from '../protocol/filters.js';
import { asLiveChatError, type LiveChatError } from '../protocol/problem.js';
import type { ConversationList } from '../protocol/schema.js';
import type { Readable, Store } from '../store/store.js';
import { differOnlyInUser, EMPTY_LIST, follow, isLocal, seed, withMatches, withPage, type ListState, type ListWindow } from '../sync/list.js';
import type { Clock } from '../transport/clock.js';
import type { Rest } from '../transport/rest.js';
import { createRetry, type Retry } from '../transport/retry.js';
import type { State } from './state.js';
import type { Topics } from './topics.js';

export interface ListsOptions {
  store: Store;
  state: State;
  rest: Rest;
  topics: Topics;
  clock: Clock;
  random: () => number;
  pageSize: number;
}

interface Entry {
  readonly key: string;
  readonly filters: FullFilters;
  readonly retry: Retry;
  /** Rises with every load from the top: answers to an earlier one are stale. */
  turn: number;
  abort?: AbortController;
  /** The load under way. */
  loading?: Promise<string>;
  pageToken?: string;
  /** Conversations that changed while an answer was on its way, which may not know of it, by the version they had. */
  touched?: Map<string, number | undefined>;
  cancelRecheck?: () => void;
  recheckedAt: number;
  /** When the server last told the total. Stream and answer may overlap around it. */
  countedAt: number;
  changedAt: number;
}

/** Lists by filters: loaded while watched, kept in order by every change of a conversation. */
export function createLists({ store, state, rest, topics, clock, random, pageSize }: ListsOptions) {
  const windows = store.family<ListWindow>({ initial: EMPTY_LIST, onWatched: (key, on) => (on ? watch(key) : leave()) });
  const entries = new Map<string, Entry>();
  let cancelLeave: (() => void) | undefined;
  let trimAbove = CONVERSATIONS_KEPT;
  let isStarted = false;
  let isFirstLoaded = false;

  const watched = () => [...windows.watched()].map(entryOf);
  const patch = (key: string, change: Partial<ListWindow>) => windows.set(key, { ...windows.get(key), ...change });

  const keyOf = (filters?: ConversationFilters) => filtersKey(fullFilters(filters));
  const entryFor = (filters?: ConversationFilters) => entryOf(keyOf(filters));

  function entryOf(key: string): Entry {
    let entry = entries.get(key);
    if (!entry) {
      const made: Entry = {
        key, filters: filtersOfKey(key), turn: 0, recheckedAt: 0, countedAt: 0, changedAt: 0,
        retry: createRetry(clock, random, () => start(made)),
      };
      entries.set(key, (entry = made));
    }
    return entry;
  }

  /** Loads, and again until it worked, as long as somebody watches. Failure is shown in the list. */
  function start(entry: Entry): void {
    if (entry.loading) return;
    load(entry).catch((error: LiveChatError) => {
      if (error.isTemporary && windows.isWatched(entry.key) && isStarted) entry.retry.later(error.retryAfterMs);
    });
  }

  function watch(key: string): void {
    cancelLeave?.();
    const entry = entryOf(key);
    // The most recently used list is the last to go.
    entries.delete(key);
    entries.set(key, entry);
    if (isStarted) begin(entry);
  }

  function begin(entry: Entry): void {
    const isCurrent = topics.isLive('inbox');
    topics.want('inbox', owner);
    const window = windows.get(entry.key);
    if (window.isLoaded && entry.turn > 0 && isCurrent) return recheck(entry);
    if (!window.isLoaded) plant(entry);
    // Until the first list has given the topic its cursor, the others wait: they must not be older than it.
    if (topics.hasCursor('inbox') || isFirstLoaded) start(entry);
    else patch(entry.key, { isLoading: true });
  }

  function leave(): void {
    cancelLeave?.();
    cancelLeave = clock.after(LINGER_MS, () => {
      if (watched().length === 0) topics.release('inbox');
      const idle = [...entries.values()].filter((entry) => !windows.isWatched(entry.key));
      for (const entry of idle.slice(0, Math.max(0, entries.size - LISTS_KEPT))) drop(entry);
    });
  }

  function drop(entry: Entry): void {
    entry.abort?.abort();
    entry.cancelRecheck?.();
    entry.retry.stop();
    entry.turn += 1;
    entries.delete(entry.key);
    windows.set(entry.key, undefined);
  }

  /** Shows what other lists already tell about this one. */
  function plant(entry: Entry): void {
    for (const other of entries.values()) {
      if (other === entry) continue;
      const window = seed(entry.filters, windows.get(other.key), other.filters, state.conversations.get);
      if (window && window.ids.length > windows.get(entry.key).ids.length) windows.set(entry.key, window);
    }
  }

  const owner = {
    /** The first list alone, so that its cursor is not newer than what the others show. */
    async load(): Promise<string> {
      isFirstLoaded = false;
      for (const entry of entries.values()) if (!windows.isWatched(entry.key)) drop(entry);
      // Whatever is here may be older than what was missed.
      for (const id of state.conversations.keys()) state.doubt(id);
      const [first] = watched();
      if (!first) throw asLiveChatError(undefined);
      const cursor = await load(first);
      isFirstLoaded = true;
      await Promise.all(watched().map((entry) => (entry === first ? undefined : load(entry))));
      // What no list shows now missed whatever the server could not tell: it must not come back as it was.
      const needed = forgetUnshown((id) => state.drafts.get(id) !== '' || state.continuations.get(id) !== undefined);
      for (const id of state.conversations.keys()) {
        if (needed.has(id)) state.trust(id);
        // A thread that was loaded before this was known asks for its row.
        else if (state.isDoubtful(id)) topics.restart(conversationTopic(id));
      }
      return cursor;
    },
    apply(events: Parameters<State['applyGroup']>[0]): void {
      state.applyGroup(events);
      trim();
    },
    caughtUp(): void {
      for (const entry of watched()) {
        const { isLoaded, hasMore, error } = windows.get(entry.key);
        if (!isLoaded) continue;
        // Whatever failed meanwhile, what is shown is right again; a total over more than is loaded may not be.
        if (error) patch(entry.key, { error: undefined });
        state.recovered(error);
        if (hasMore) recheck(entry);
      }
    },
    refused: state.fail,
  };

  function load(entry: Entry, isAsked = false): Promise<string> {
    const loading = loadRows(entry, isAsked);
    entry.loading = loading;
    return loading;
  }

  /** Loads as many rows as are shown, at least a page, and puts them in place of what was shown. */
  async function loadRows(entry: Entry, isAsked: boolean): Promise<string> {
    const turn = ++entry.turn;
    const wanted = Math.max(pageSize, windows.get(entry.key).ids.length);
    entry.abort?.abort();
    const abort = (entry.abort = new AbortController());
    entry.touched = new Map();
    patch(entry.key, { isLoading: isAsked || !windows.get(entry.key).isLoaded, isLoadingMore: false });
    try {
      let ids: readonly string[] = [];
      let matches: ListState['matches'];
      let cursor: string | undefined;
      let answer: ConversationList | undefined;
      do {
        const limit = Math.min(LIST_PAGE_MAX, wanted - ids.length);
        answer = await rest.listConversations(pageQuery(entry, limit, answer?.nextPageToken), abort.signal);
        // Asked again meanwhile.
        if (entry.turn !== turn) throw asLiveChatError(undefined);
        cursor ??= answer.cursor;
        ids = withPage(ids, take(entry, answer));
        matches = withMatches(matches, answer);
      } while (answer.hasMore && answer.nextPageToken !== undefined && ids.length < wanted);
      show(entry, ids, matches, answer);
      entry.loading = undefined;
      entry.retry.stop();
      return cursor;
    } catch (failure) {
      const error = asLiveChatError(failure);
      if (entry.turn !== turn) throw error;
      entry.loading = undefined;
      entry.touched = undefined;
      patch(entry.key, { isLoading: false, error });
      // That nothing answers is the connection's to say, unless somebody asked for just this.
      if (isAsked || error.status > 0) state.fail(error);
      throw error;
    }
  }

  const pageQuery = (entry: Entry, limit: number, token?: string) =>
    `${filtersQuery(entry.filters)}&limit=${limit}${token === undefined ? '' : `&pageToken=${encodeURIComponent(token)}`}`;

  /** Takes over an answer's rows; answers with their ids. */
  function take(entry: Entry, answer: ConversationList): readonly string[] {
    const { touched } = entry;
    entry.touched = undefined;
    state.applyRows(answer.conversations);
    entry.touched = touched;
    trim();
    return answer.conversations.map((row) => row.id);
  }

  function show(entry: Entry, ids: readonly string[], matches: ListState['matches'], answer: ConversationList): void {
    const last = answer.conversations.at(-1);
    const window = windows.get(entry.key);
    state.recovered(window.error);
    entry.countedAt = clock.now();
    entry.pageToken = answer.nextPageToken;
    const shown: ListWindow = {
      ...window, total: answer.total, totalIsCapped: answer.totalIsCapped ?? false, hasMore: answer.hasMore, matches,
      boundary: (last && state.stored(last.id)) ?? window.boundary,
      ids: ids.filter((id) => state.conversations.get(id) !== undefined),
      isLoading: false, isLoadingMore: false, isLoaded: true, error: undefined,
    };
    windows.set(entry.key, settle(entry, shown));
  }

  /** What changed while the answer was on its way has the last word. */
  function settle(entry: Entry, window: ListWindow): ListWindow {
    const touched = entry.touched ?? new Map<string, number | undefined>();
    entry.touched = undefined;
    if (touched.size > 0 || state.hasOverlays()) recheck(entry);
    return [...touched].reduce((list, [id, version]) => {
      const row = state.conversations.get(id);
      // One that is only shown again as it was before, a refused change of it, say, the answer knows better than that.
      return row && (row.version !== version || state.hasOverlay(id)) ? follow(list, entry.filters, row, row, state.conversations.get).list : list;
    }, window);
  }

  async function loadMore(entry: Entry): Promise<void> {
    const { turn } = entry;
    const window = windows.get(entry.key);
    if (!window.hasMore || window.isLoadingMore || entry.loading || entry.pageToken === undefined) return;
    patch(entry.key, { isLoadingMore: true });
    entry.touched = new Map();
    try {
      const answer = await rest.listConversations(pageQuery(entry, pageSize, entry.pageToken));
      if (entry.turn !== turn) return;
      const ids = take(entry, answer);
      const shown = windows.get(entry.key);
      show(entry, withPage(shown.ids, ids), withMatches(shown.matches, answer), answer);
    } catch (failure) {
      if (entry.turn !== turn) return;
      const error = asLiveChatError(failure);
      entry.touched = undefined;
      patch(entry.key, { isLoadingMore: false, error });
      state.fail(error);
    }
  }

  /** Asks the server, after a moment, for what cannot be told here: a total, or what a search finds now. */
  function recheck(entry: Entry): void {
    if (!isStarted || entry.cancelRecheck || !windows.isWatched(entry.key)) return;
    const rested = entry.recheckedAt + RECHECK_AT_MOST_EVERY_MS - clock.now();
    // No longer than that where the clock was put back.
    const wait = Math.min(RECHECK_AT_MOST_EVERY_MS, Math.max(RECHECK_MS, rested));
    entry.cancelRecheck = clock.after(wait, () => {
      entry.cancelRecheck = undefined;
      entry.recheckedAt = clock.now();
      if (!windows.isWatched(entry.key) || entry.loading) return;
      (isLocal(entry.filters) ? countAgain(entry) : load(entry)).catch((failure: unknown) => {
        const error = asLiveChatError(failure);
        if (error.isTemporary) return recheck(entry);
        patch(entry.key, { error });
        state.fail(error);
      });
    });
  }

  async function countAgain(entry: Entry): Promise<void> {
    const { turn } = entry;
    const askedAt = clock.now();
    const { total, totalIsCapped = false } = await rest.listConversations(pageQuery(entry, 1));
    // A count does not know of what is only shown yet.
    if (state.hasOverlays()) recheck(entry);
    else if (entry.turn === turn) patch(entry.key, { total, totalIsCapped });
    if (entry.changedAt >= askedAt) recheck(entry);
    entry.countedAt = clock.now();
  }

  state.onConversation((id, before, after) => {
    // Who came or went moves no row: least of all one that no list shows, and that may be as it was long ago.
    if (before && after && differOnlyInUser(before, after)) return;
    for (const entry of entries.values()) {
      if (entry.touched && !entry.touched.has(id)) entry.touched.set(id, before?.version);
      const window = windows.get(entry.key);
      if (!window.isLoaded && window.ids.length === 0) continue;
      const next = follow(window, entry.filters, before, after, state.conversations.get);
      if (next.list !== window) windows.set(entry.key, next.list);
      // Right after an answer nobody can tell whether it knew of this change already.
      entry.changedAt = clock.now();
      const isFresh = window.hasMore && entry.changedAt - entry.countedAt < RECHECK_AT_MOST_EVERY_MS;
      if (!next.isTotalSure || isFresh) recheck(entry);
    }
  });

  /** Conversations that nothing shows are let go when there are too many. */
  function trim(): void {
    if (state.conversations.size <= trimAbove) return;
    forgetUnshown();
    trimAbove = Math.max(CONVERSATIONS_KEPT, state.conversations.size + CONVERSATIONS_KEPT / 10);
  }

  /** Answers with those that lists show. */
  function forgetUnshown(isKept: (id: string) => boolean = () => false): ReadonlySet<string> {
    const needed = new Set([...entries.keys()].flatMap((key) => windows.get(key).ids));
    for (const id of state.conversations.keys()) {
      const isUnshown = !needed.has(id) && state.threads.get(id).ids.length === 0 && !state.conversations.isWatched(id);
      if (isUnshown && !isKept(id)) state.forget(id);
    }
    return needed;
  }

  return {
    readable: (filters?: ConversationFilters): Readable<ListState> => windows.readable(keyOf(filters)),
    async refresh(filters?: ConversationFilters): Promise<void> {
      const entry = entryFor(filters);
      // The first load is what was asked for, if it is still under way.
      const isFirst = !windows.get(entry.key).isLoaded;
      await ((isFirst && entry.loading) || load(entry, true)).catch(() => {});
    },
    loadMore: (filters?: ConversationFilters) => loadMore(entryFor(filters)),

    start(): void {
      isStarted = true;
      for (const entry of watched()) begin(entry);
    },
    stop(): void {
      isStarted = false;
      cancelLeave?.();
      for (const entry of entries.values()) {
        entry.retry.stop();
        entry.cancelRecheck?.();
        entry.cancelRecheck = undefined;
      }
    },
    wake(): void {
      for (const entry of entries.values()) entry.retry.now();
    },
    /** For polling: every watched list again. Rejects when one fails. */
    async refreshAll(): Promise<void> {
      await Promise.all(watched().map((entry) => load(entry)));
    },
    wipe(): void {
      for (const entry of entries.values()) drop(entry);
    },
  };
}
