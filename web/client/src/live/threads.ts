import { LINGER_MS, MESSAGE_PAGE, MESSAGE_PAGE_MAX, THREADS_KEPT } from '../limits.js';
import { decodeMessage } from '../protocol/decode.js';
import { conversationTopic } from '../protocol/events.js';
import { asLiveChatError } from '../protocol/problem.js';
import type { LiveChatMessage as MessageRow, MessageList } from '../protocol/schema.js';
import { emptyPatch, putMessage } from '../sync/reduce.js';
import { append, lastSeq, prepend, withNewest, type Placed, type Thread } from '../sync/thread.js';
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

/** How a newest page meets what is loaded. */
interface LoadNewest {
  limit: number;
  /** Older messages stay if the page continues them. Off when they may have changed unseen. */
  keepOlder: boolean;
  /** Somebody asked for it. */
  isAsked?: boolean;
}

/** Threads by conversation: loaded and subscribed while open. */
export function createThreads({ state, rest, topics, clock, isUnborn }: ThreadsOptions) {
  const openCounts = new Map<string, number>();
  const lingering = new Map<string, () => void>();
  /** Loads from the newest end in flight, by conversation: a later one makes the earlier stale. */
  const turns = new Map<string, number>();
  let isStarted = false;

  const patch = (id: string, change: Partial<Thread>) => state.setThread(id, { ...state.threads.get(id), ...change });

  function ownerOf(id: string): TopicOwner {
    let wasKnown = false;
    return {
      load() {
        wasKnown = state.stored(id) !== undefined;
        return loadNewest(id, {
          limit: Math.min(MESSAGE_PAGE_MAX, Math.max(MESSAGE_PAGE, state.threads.get(id).stored.length)),
          keepOlder: false,
        });
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
        if (error.code === 'not-found' && state.stored(id)) {
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

  /** Takes over a page's messages and answers with their places. */
  function take(id: string, rows: readonly MessageRow[]): readonly Placed[] {
    const changes = emptyPatch();
    const marks = state.stored(id);
    for (const row of rows) putMessage(state.view, changes, decodeMessage(row, marks));
    state.commit(changes);
    return rows;
  }

  async function loadNewest(id: string, { limit, keepOlder, isAsked = false }: LoadNewest): Promise<string> {
    const turn = (turns.get(id) ?? 0) + 1;
    turns.set(id, turn);
    patch(id, { isLoading: isAsked || !state.threads.get(id).isLoaded });
    try {
      const page = await rest.listMessages(id, `limit=${limit}`);
      // After the messages, not before: what changes in between is then in the stream from their cursor.
      if (!state.stored(id)) {
        const { conversation } = await rest.getConversation(id);
        state.applyRows([conversation]);
      }
      // Asked for again meanwhile.
      if (turns.get(id) !== turn) throw asLiveChatError(undefined);
      state.recovered(state.threads.get(id).error);
      const thread = withNewest(state.threads.get(id), take(id, page.messages), page.hasMore, keepOlder);
      state.setThread(id, { ...thread, isLoading: false, isLoadingOlder: false, isLoadingNewer: false, error: undefined });
      return page.cursor;
    } catch (failure) {
      const error = asLiveChatError(failure);
      if (turns.get(id) === turn) {
        patch(id, { isLoading: false, error });
        if (isAsked || error.status > 0) state.fail(error);
      }
      throw error;
    }
  }

  /** Loads a page beside the window. `join` puts it there. */
  async function loadPage(
    id: string, flag: 'isLoadingOlder' | 'isLoadingNewer', query: (thread: Thread) => string,
    join: (thread: Thread, page: MessageList) => Thread | 'gap',
  ): Promise<void> {
    const turn = turns.get(id);
    if (state.threads.get(id)[flag]) return;
    patch(id, { [flag]: true });
    try {
      const page = await rest.listMessages(id, `limit=${MESSAGE_PAGE}&${query(state.threads.get(id))}`);
      if (turns.get(id) !== turn) return;
      take(id, page.messages);
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
    loadNewest(id, { limit: MESSAGE_PAGE, keepOlder: true, isAsked: true }).then(() => {}, () => {});

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
        // What came while the page was on its way was not appended: then this was not the end yet.
        const isEnd = !page.hasMore && (state.stored(id)?.messageCount ?? 0) <= lastSeq(grown);
        return { ...grown, hasNewer: !isEnd };
      });
    },

    /** For polling: every open thread again. Rejects when one fails. */
    async refreshAll(): Promise<void> {
      const open = [...openCounts.keys()].filter((id) => !isUnborn(id));
      await Promise.all(open.map((id) => loadNewest(id, { limit: MESSAGE_PAGE, keepOlder: true })));
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
