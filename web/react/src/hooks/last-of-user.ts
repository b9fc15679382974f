import type { LiveChat } from '@parlor/client';

/** The last message of the other side, before which everything counts as read. At once where it is loaded. */
export function lastOfUser(chat: LiveChat, id: string): number | Promise<number> {
  const { ids } = chat.messages(id).get();
  const last = ids.findLast((each) => chat.message(each).get()?.type === 'user');
  return (last !== undefined && chat.message(last).get()?.seq) || askLast(chat, id);
}

async function askLast(chat: LiveChat, id: string): Promise<number> {
  const path = `/conversations/${encodeURIComponent(id)}/messages?limit=50`;
  const { messages } = await chat.request<{ messages: { type: string; seq: number }[] }>('GET', path);
  return messages.findLast(({ type }) => type === 'user')?.seq ?? chat.conversation(id).get()?.messageCount ?? 1;
}
