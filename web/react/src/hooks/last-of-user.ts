import type { LiveChat } from '@parlor/client';

/** The last message of the other side, before which everything counts as read, as far as the loaded words tell. */
export function knownLastOfUser(chat: LiveChat, id: string): number | undefined {
  const { ids, hasNewer } = chat.messages(id).get();
  // Behind a page in the middle of a long thread there may be a later one.
  if (hasNewer) return undefined;
  const last = ids.findLast((each) => chat.message(each).get()?.type === 'user');
  return (last !== undefined && chat.message(last).get()?.seq) || undefined;
}

/** The same, asked for where it is not loaded. */
export function lastOfUser(chat: LiveChat, id: string): number | Promise<number> {
  return knownLastOfUser(chat, id) ?? askLast(chat, id);
}

async function askLast(chat: LiveChat, id: string): Promise<number> {
  const path = `/conversations/${encodeURIComponent(id)}/messages?limit=50`;
  const { messages } = await chat.request<{ messages: { type: string; seq: number }[] }>('GET', path);
  return messages.findLast(({ type }) => type === 'user')?.seq ?? chat.conversation(id).get()?.messageCount ?? 1;
}
