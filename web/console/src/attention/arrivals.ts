import type { LiveChat, LiveChatConversation } from '@parlor/client';

interface Known {
  unread: number;
  at: number;
}

/**
 * Tells of conversations in which somebody has just written something unread. Own messages are none, nor is what was
 * unread before, or becomes so again by hand.
 */
export function followArrivals(chat: LiveChat, tell: (arrived: readonly LiveChatConversation[]) => void): () => void {
  const list = chat.list({ unread: true });
  const known = new Map<string, Known>();
  const followed = new Map<string, () => void>();
  let newest: number | undefined;

  /** Conversations move into the list when others leave it: only what was said after all that is known is new. */
  function isNew(conversation: LiveChatConversation, before: number): boolean {
    const seen = known.get(conversation.id);
    const at = conversation.lastMessageAt.getTime();
    return seen === undefined ? at > before : conversation.unreadCount > seen.unread && at > seen.at;
  }

  function look() {
    const { ids, isLoaded } = list.get();
    if (!isLoaded) return;
    follow(ids);
    const rows = ids.map((id) => chat.conversation(id).get()).filter((row) => row !== undefined);
    const before = newest;
    const arrived = before === undefined ? [] : rows.filter((row) => isNew(row, before));
    known.clear();
    for (const { id, unreadCount, lastMessageAt } of rows) {
      known.set(id, { unread: unreadCount, at: lastMessageAt.getTime() });
      newest = Math.max(newest ?? 0, lastMessageAt.getTime());
    }
    newest ??= 0;
    if (arrived.length > 0) tell(arrived);
  }

  function follow(ids: readonly string[]) {
    const wanted = new Set(ids);
    for (const [id, stop] of followed) {
      if (wanted.has(id)) continue;
      followed.delete(id);
      stop();
    }
    for (const id of ids) if (!followed.has(id)) followed.set(id, chat.conversation(id).subscribe(look));
  }

  const stop = list.subscribe(look);
  look();
  return () => {
    stop();
    follow([]);
  };
}
