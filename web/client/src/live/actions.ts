import type { ConversationChange, ManyChanged } from '../api.js';
import { BULK_PAGE } from '../limits.js';
import type { LiveChatConversation } from '../protocol/model.js';
import { asLiveChatError, LiveChatError } from '../protocol/problem.js';
import type { BulkFailure, ConversationAnswer, LiveChatConversation as Row, PatchConversations } from '../protocol/schema.js';
import { relabelled } from '../sync/labels.js';
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

  /** Shows a change until its answer is taken over. */
  async function show<T>(ids: readonly string[], over: Overlay['over'], ask: () => Promise<T>, take: (answer: T) => void): Promise<void> {
    const overlay = { over };
    const takeBacks = ids.map((id) => state.lay(id, overlay));
    const answered = Promise.allSettled(ids.map((id) => underWay.get(id))).then(ask);
    for (const id of ids) underWay.set(id, answered);
    flush();
    try {
      take(await answered);
    } catch (failure) {
      const error = asLiveChatError(failure);
      if (error.current) state.applyRows([error.current]);
      state.fail(error);
      throw error;
    } finally {
      for (const id of ids) if (underWay.get(id) === answered) underWay.delete(id);
      for (const takeBack of takeBacks) takeBack();
      flush();
    }
  }

  async function change(
    id: string, over: Overlay['over'], ask: () => Promise<ConversationAnswer>,
  ): Promise<LiveChatConversation> {
    await show([id], over, ask, ({ conversation }) => state.applyAnswer(conversation));
    const row = state.conversations.get(id);
    if (!row) throw asLiveChatError(undefined);
    return row;
  }

  function over(wanted: ConversationChange): Overlay['over'] {
    const held = wanted.assigneeId === undefined ? undefined : heldBy(wanted.assigneeId);
    return (row) => {
      const { assigneeId: _holder, if: _, snoozedUntil, metadata, addLabels, removeLabels, ...plain } = wanted;
      const next = { ...row, ...plain };
      if (wanted.isArchived) next.status = 'closed';
      if (wanted.status === 'open') next.isArchived = false;
      if (addLabels ?? removeLabels) next.labels = relabelled(row.labels, addLabels, removeLabels);
      if (snoozedUntil !== undefined) Object.assign(next, { snoozedUntil: snoozedUntil ?? undefined });
      if (metadata !== undefined) Object.assign(next, { metadata: metadata ?? undefined });
      return held ? held(next) : next;
    };
  }

  const patchOf = ({ snoozedUntil, ...wanted }: ConversationChange): PatchConversations => ({
    ...wanted, snoozedUntil: snoozedUntil instanceof Date ? snoozedUntil.toISOString() : snoozedUntil,
  });

  async function changeMany(conversationIds: readonly string[], wanted: ConversationChange): Promise<ManyChanged['failed']> {
    let failed: ManyChanged['failed'] = [];
    const ask = () => rest.request<{ conversations: Row[]; failed: BulkFailure[] }>(
      'PATCH', '/conversations?messages=0', { ...patchOf(wanted), conversationIds });
    await show(conversationIds, over(wanted), ask, (answer) => {
      state.applyRows(answer.conversations);
      failed = answer.failed.map(({ conversationId, problem }) => ({ id: conversationId, error: new LiveChatError(problem) }));
    }).catch((error: LiveChatError) => {
      failed = conversationIds.map((id) => ({ id, error }));
    });
    return failed;
  }

  /** Called as anything here calls them. */
  function heldBy(id: string): Overlay['over'] {
    const me = state.me.get('');
    let name = me?.sub === id ? me.name : undefined;
    for (const key of name ? [] : state.conversations.keys()) {
      const known = state.conversations.get(key)?.assignee;
      if (known?.id === id) ({ name } = known);
    }
    const assignee = { id, name: name || id };
    return (row) => ({ ...row, handler: 'agent', assignee });
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
      change(id, over(wanted), () => rest.updateConversation({ ...patchOf(wanted), conversationId: id })),

    async updateMany(ids: readonly string[], wanted: ConversationChange): Promise<ManyChanged> {
      const parts: Promise<ManyChanged['failed']>[] = [];
      for (let at = 0; at < ids.length; at += BULK_PAGE) parts.push(changeMany(ids.slice(at, at + BULK_PAGE), wanted));
      const failed = (await Promise.all(parts)).flat();
      const isDone = (id: string) => !failed.some((other) => other.id === id);
      return { conversations: ids.filter(isDone).flatMap((id) => state.conversations.get(id) ?? []), failed };
    },

    take: (id: string, from?: string) =>
      change(id, heldBy(state.me.get('')?.sub ?? ''), () => rest.takeConversation(id, from)),

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
