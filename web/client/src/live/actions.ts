import type { ConversationChange } from '../api.js';
import type { LiveChatConversation } from '../protocol/model.js';
import { asLiveChatError, type LiveChatError } from '../protocol/problem.js';
import type { ConversationAnswer } from '../protocol/schema.js';
import { lastSeq } from '../sync/thread.js';
import type { Rest } from '../transport/rest.js';
import type { Retry } from '../transport/retry.js';
import type { Socket } from '../transport/socket.js';
import type { Overlay, State } from './state.js';

interface Unread {
  readonly seq: number;
  takeBack(): void;
}

/** What people do to conversations: shown at once, taken back when the server refuses. */
export function createActions(
  state: State, rest: Rest, socket: () => Socket | undefined, flush: () => void, retrying: (run: () => void) => Retry,
) {
  /** The last change of a conversation under way: the next one goes out after it, or they could overtake each other. */
  const underWay = new Map<string, Promise<unknown>>();
  /** How far this side has read, where the server has not been told yet. */
  const unread = new Map<string, Unread>();
  const retry = retrying(tellAll);

  /** Asked anew each time: what is read before the server has said who this is must not stay on the other side's mark. */
  const myMark = () => (state.me.get('')?.role === 'visitor' ? 'userLastReadSeq' : 'agentLastReadSeq');

  async function change(
    id: string, over: Overlay['over'], ask: () => Promise<ConversationAnswer>,
  ): Promise<LiveChatConversation> {
    const takeBack = state.lay(id, { over });
    const before = underWay.get(id) ?? Promise.resolve();
    const answered = before.then(ask, ask);
    underWay.set(id, answered);
    flush();
    try {
      const { conversation } = await answered;
      state.applyAnswer(conversation);
    } catch (failure) {
      const error = asLiveChatError(failure);
      if (error.current) state.applyRows([error.current]);
      state.fail(error);
      throw error;
    } finally {
      if (underWay.get(id) === answered) underWay.delete(id);
      takeBack();
      flush();
    }
    const row = state.conversations.get(id);
    if (!row) throw asLiveChatError(undefined);
    return row;
  }

  function over(wanted: ConversationChange): Overlay['over'] {
    return (row) => {
      const { assigneeId, if: _, snoozedUntil, metadata, ...plain } = wanted;
      const next = { ...row, ...plain };
      if (wanted.isArchived) next.status = 'closed';
      if (wanted.status === 'open') next.isArchived = false;
      if (snoozedUntil !== undefined) Object.assign(next, { snoozedUntil: snoozedUntil ?? undefined });
      if (metadata !== undefined) Object.assign(next, { metadata: metadata ?? undefined });
      return assigneeId === undefined ? next : heldBy(next, assigneeId);
    };
  }

  function heldBy(row: LiveChatConversation, id: string): LiveChatConversation {
    const me = state.me.get('');
    const name = me?.sub === id ? (me.name ?? id) : row.assignee?.id === id ? row.assignee.name : id;
    return { ...row, handler: 'agent', assignee: { id, name } };
  }

  function tell(id: string, mark: Unread): void {
    const done = (answer?: Partial<ConversationAnswer>, error?: LiveChatError) => {
      // Told again later, or with the next connection; until then it stays shown.
      if (error?.isTemporary) return retry.later(error.retryAfterMs);
      if (unread.get(id) === mark) unread.delete(id);
      if (unread.size === 0) retry.stop();
      state.applyAnswer(answer?.conversation);
      mark.takeBack();
      if (error) state.fail(error);
    };
    const { seq } = mark;
    const live = socket();
    if (live) live.request({ op: 'read', conversationId: id, seq }, done);
    else rest.markRead(id, seq, false).then(done, (error) => done(undefined, asLiveChatError(error)));
  }

  function tellAll(): void {
    for (const [id, mark] of unread) tell(id, mark);
  }

  return {
    update: (id: string, wanted: ConversationChange) =>
      change(id, over(wanted), () =>
        rest.updateConversation({
          ...wanted, conversationId: id,
          snoozedUntil: wanted.snoozedUntil instanceof Date ? wanted.snoozedUntil.toISOString() : wanted.snoozedUntil,
        })),

    take: (id: string, from?: string) =>
      change(id, (row) => heldBy(row, state.me.get('')?.sub ?? ''), () => rest.takeConversation(id, from)),

    // Whether the bot or the queue gets it back is the server's to say.
    giveBack: (id: string) => change(id, (row) => row, () => rest.giveBackConversation(id)),

    markRead(id: string, upTo?: number): void {
      const row = state.stored(id);
      const seq = upTo ?? Math.max(row?.messageCount ?? 0, lastSeq(state.threads.get(id)));
      if (seq <= Math.max(row?.[myMark()] ?? 0, unread.get(id)?.seq ?? 0)) return;
      const takeBack = state.lay(id, {
        over: (stored) => stored[myMark()] >= seq ? stored
          : { ...stored, [myMark()]: seq, unreadCount: seq >= stored.messageCount ? 0 : stored.unreadCount },
      });
      unread.get(id)?.takeBack();
      const mark = { seq, takeBack };
      unread.set(id, mark);
      tell(id, mark);
      flush();
    },

    async markUnread(id: string, seq: number): Promise<void> {
      // What the server was not told yet it is not to be told any more, nor shown.
      unread.get(id)?.takeBack();
      unread.delete(id);
      const takeBack = state.lay(id, {
        over: (stored) => ({ ...stored, [myMark()]: seq, unreadCount: Math.max(1, stored.unreadCount) }),
      });
      flush();
      try {
        state.applyAnswer((await rest.markRead(id, seq, true)).conversation);
      } catch (failure) {
        state.fail(asLiveChatError(failure));
      }
      takeBack();
    },

    /** Tells the server of read marks that a broken connection kept from it. */
    wake(): void {
      retry.stop();
      tellAll();
    },
    stop: retry.stop,
    clear: () => unread.clear(),
  };
}
