import { LINGER_MS, MESSAGE_PAGE, MESSAGE_PAGE_MAX, THREADS_KEPT } from '../limits.js';
import { decodeMessage } from '../protocol/decode.js';
import { conversationTopic } from '../protocol/events.js';
import { asLiveChatError } from '../protocol/problem.js';
import type { MessageList } from '../protocol/schema.js';
import { emptyPatch, putMessage } from '../sync/reduce.js';
import { append, lastSeq, prepend, withNewest, withPlace, type Placed, type Thread } from '../sync/thread.js';
import type { Clock } from '../transport/clock.js';
import type { Rest } from '../transport/rest.js';
import type { State } from './state.js';
import type { TopicOwner, Topics } from './topics.js';

export interface ThreadsOptions {
  state: State;
  rest: Rest;
  topics: Topics;
  clock: Clock;
  /** Whether the server cannot know this conversation yet: its first message still waits. */
  isUnborn(conversationId: string): boolean;
}

/** What is loaded anew, and how it meets what is here. */
interface Load {
  limit: number;
  /** From behind this message on. Default: the newest. */
  after?: number;
  /** Older messages stay if the page continues them. Off when they may have changed unseen. */
  keepOlder: boolean;
  /** Somebody asked for it. */
  isAsked?: boolean;
  /** What was missed may have changed the conversation's row as well, and no list may have it. */
  withRow?: boolean;
}

/** Threads by conversation: loaded and subscribed while open. */
export function createThreads({ state, rest, topics, clock, isUnborn }: ThreadsOptions) {
  const openCounts = new Map<string, number>();
  const lingering = new Map<string, () => void>();
  /** Loads by conversation: a later one makes the earlier stale. */
  const turns = new Map<string, number>();
  const loads = new Map<string, Promise<string>>();
  let isStarted = false;

  const patch = (id: string, change: Partial<Thread>) => state.setThread(id, { ...state.threads.get(id), ...change });

  function ownerOf(id: string): TopicOwner {
    let wasKnown = false;
    return {
      load() {
        wasKnown = isKnown(id);
        const { stored, isLoaded } = state.threads.get(id);
        const limit = Math.min(MESSAGE_PAGE_MAX, Math.max(MESSAGE_PAGE, stored.length));
        return loadHere(id, { limit, keepOlder: false, withRow: isLoaded });
      },
      apply(events) {
        const gaps = state.applyGroup(events);
        if (gaps.length > 0) topics.restart(conversationTopic(id));
      },
      caughtUp() {
        const { isLoaded, error } = state.threads.get(id);
        if (isLoaded && error) patch(id, { error: undefined });
        state.recovered(error);
      },
      refused(error) {
        if (error.code === 'not-found' && isKnown(id)) {
          // Born since it was asked for: the answer is older than what is known.
          if (!wasKnown) return topics.restart(conversationTopic(id));
          // As good as a deletion that this client was not there to hear of. One that was never known may not be born yet:
          // what waits for it is not to be thrown away.
          state.remove(id);
        }
        patch(id, { error, isLoading: false });
      },
    };
  }

  /** Whether it is, or once was, on the server: its row is here, or a message that is stored in it. */
  function isKnown(id: string): boolean {
    const isStored = (message: string) => (state.messages.get(message)?.seq ?? 0) > 0;
    return state.stored(id) !== undefined || state.threads.get(id).ids.some(isStored);
  }

  /** Takes over what a page holds, which was asked for when `asked` was heard of notes; answers with its messages' places. */
  function take(id: string, { messages, notes = [] }: MessageList, asked: number): readonly Placed[] {
    const changes = emptyPatch();
    const marks = state.stored(id);
    for (const row of messages) putMessage(state.view, changes, decodeMessage(row, marks));
    state.commit(changes);
    const from = messages[0]?.seq ?? 1;
    state.applyNotes(id, notes, { from: from > 1 ? from : 0, to: messages.at(-1)?.seq ?? 0, asked });
    return messages;
  }

  function load(id: string, how: Load): Promise<string> {
    const loading = loadRows(id, how);
    loads.set(id, loading);
    return loading;
  }

  /** Where the reader is: a window that was moved away from the end stays there. */
  function loadHere(id: string, how: Load): Promise<string> {
    const { hasNewer, first } = state.threads.get(id);
    return load(id, hasNewer ? { ...how, after: first - 1 } : how);
  }

  async function loadRows(id: string, { limit, after, keepOlder, isAsked = false, withRow = false }: Load): Promise<string> {
    const turn = (turns.get(id) ?? 0) + 1;
    turns.set(id, turn);
    patch(id, { isLoading: isAsked || !state.threads.get(id).isLoaded });
    const asked = state.notesHeard();
    try {
      const page = await rest.listMessages(id, `limit=${limit}${after === undefined ? '' : `&after=${after}`}`);
      // After the messages, not before: what changes in between is then in the stream from their cursor.
      if (withRow || !state.stored(id) || state.isDoubtful(id)) {
        const { conversation } = await rest.getConversation(id);
        state.applyRows([conversation]);
        state.trust(id);
      }
      // What is asked for later will be shown: its cursor counts.
      if (turns.get(id) !== turn) return loads.get(id) ?? page.cursor;
      // There is nothing behind that place any more.
      if (after && page.messages.length === 0) return load(id, { limit, keepOlder: false, isAsked });
      state.recovered(state.threads.get(id).error);
      const places = take(id, page, asked);
      const before = state.threads.get(id);
      const thread = after === undefined
        ? withNewest(before, places, page.hasMore, keepOlder)
        : withPlace(before, places, page.hasMore || isBeyond(id, places.at(-1)?.seq ?? 0));
      state.setThread(id, { ...thread, isLoading: false, isLoadingOlder: false, isLoadingNewer: false, error: undefined });
      return page.cursor;
    } catch (failure) {
      const error = asLiveChatError(failure);
      if (turns.get(id) !== turn) return loads.get(id) ?? Promise.reject(error);
      patch(id, { isLoading: false, error });
      if (isAsked || error.status > 0) state.fail(error);
      throw error;
    }
  }

  /** Whether a conversation is known to go on behind `seq`: what comes while a page is on its way is not in it. */
  const isBeyond = (id: string, seq: number) => (state.stored(id)?.messageCount ?? 0) > seq;

  /** Loads a page beside the window. `join` puts it there. */
  async function loadPage(
    id: string, flag: 'isLoadingOlder' | 'isLoadingNewer', query: (thread: Thread) => string,
    join: (thread: Thread, page: MessageList) => Thread | 'gap',
  ): Promise<void> {
    const turn = turns.get(id);
    if (state.threads.get(id)[flag]) return;
    patch(id, { [flag]: true });
    const asked = state.notesHeard();
    try {
      const page = await rest.listMessages(id, `limit=${MESSAGE_PAGE}&${query(state.threads.get(id))}`);
      if (turns.get(id) !== turn) return;
      take(id, page, asked);
      const thread = join(state.threads.get(id), page);
      if (thread !== 'gap') state.setThread(id, { ...thread, error: undefined });
    } catch (failure) {
      const error = asLiveChatError(failure);
      if (turns.get(id) !== turn) return;
      patch(id, { error });
      state.fail(error);
    } finally {
      if (turns.get(id) === turn) patch(id, { [flag]: false });
    }
  }

  function follow(id: string): void {
    if (isStarted && !isUnborn(id)) topics.want(conversationTopic(id), ownerOf(id));
  }

  function leave(id: string): void {
    lingering.delete(id);
    topics.release(conversationTopic(id));
    const idle = [...state.threads.keys()].filter((key) => !openCounts.has(key) && state.threads.get(key).tail.length === 0);
    for (const oldest of idle.slice(0, Math.max(0, idle.length - THREADS_KEPT))) {
      state.setThread(oldest, undefined);
      topics.forget(conversationTopic(oldest));
    }
  }

  const reload = (id: string) =>
    load(id, { limit: MESSAGE_PAGE, keepOlder: true, isAsked: true }).then(() => {}, () => {});

  return {
    follow: (id: string) => void (openCounts.has(id) && follow(id)),

    open(id: string): () => void {
      lingering.get(id)?.();
      lingering.delete(id);
      openCounts.set(id, (openCounts.get(id) ?? 0) + 1);
      follow(id);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (openCounts.get(id) ?? 1) - 1;
        if (left > 0) return void openCounts.set(id, left);
        openCounts.delete(id);
        lingering.set(id, clock.after(LINGER_MS, () => leave(id)));
      };
    },

    prefetch(id: string): void {
      const thread = state.threads.get(id);
      if (thread.isLoaded || thread.isLoading || isUnborn(id)) return;
      topics.prepare(conversationTopic(id), ownerOf(id));
    },

    reload,
    loadNewest: (id: string) => (state.threads.get(id).hasNewer ? reload(id) : Promise.resolve()),

    async openAt(id: string, seq: number): Promise<void> {
      const thread = state.threads.get(id);
      if (thread.isLoaded && seq >= thread.first && seq <= lastSeq(thread)) return;
      const after = Math.max(0, seq - MESSAGE_PAGE / 2 - 1);
      // Whatever loads it first is to load it there.
      if (!thread.isLoaded) state.setThread(id, { ...thread, first: after + 1, hasNewer: true });
      await load(id, { limit: MESSAGE_PAGE, after, keepOlder: false, isAsked: true }).catch(() => {});
    },

    async loadOlder(id: string): Promise<void> {
      const { hasOlder } = state.threads.get(id);
      if (hasOlder) {
        await loadPage(id, 'isLoadingOlder', (thread) => `before=${thread.first}`, (thread, page) =>
          prepend(thread, page.messages, page.hasMore));
      }
    },

    async loadNewer(id: string): Promise<void> {
      const { hasNewer } = state.threads.get(id);
      if (!hasNewer) return;
      await loadPage(id, 'isLoadingNewer', (thread) => `after=${lastSeq(thread)}`, (thread, page) => {
        const grown = append({ ...thread, hasNewer: false }, page.messages);
        if (grown === 'gap') return grown;
        return { ...grown, hasNewer: page.hasMore || isBeyond(id, lastSeq(grown)) };
      });
    },

    /** For polling: every open thread again. Rejects when one fails. */
    async refreshAll(): Promise<void> {
      const open = [...openCounts.keys()].filter((id) => !isUnborn(id));
      await Promise.all(open.map((id) => loadHere(id, { limit: MESSAGE_PAGE, keepOlder: true })));
    },

    start(): void {
      isStarted = true;
      for (const id of openCounts.keys()) follow(id);
    },
    stop(): void {
      isStarted = false;
      for (const cancel of lingering.values()) cancel();
      for (const id of lingering.keys()) leave(id);
    },
  };
}
