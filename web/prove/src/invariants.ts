import type { Finding } from './breach.js';
import type { StoredConversation, StoredMessage } from './observer.js';
import type { Truth } from './truth.js';

/** What must hold in every stored state, counted anew from the rows: the core's own check, as the API shows them. */
export function broken({ conversations, threads }: Truth): Finding[] {
  return [...conversations.values()].flatMap((row) => ofConversation(row, threads.get(row.id) ?? []).map((what) => ({ kind: 'broken', what: `${row.id}: ${what}` })));
}

function ofConversation(row: StoredConversation, thread: readonly StoredMessage[]): string[] {
  const found: string[] = [];
  const must = (holds: boolean, what: string) => void (holds || found.push(what));
  must(thread.every((message, index) => message.seq === index + 1), `seq has holes: ${thread.map(({ seq }) => seq).join(' ')}`);
  must(thread.every(({ conversationId }) => conversationId === row.id), 'holds a message of another');
  must(row.messageCount === thread.length, `counts ${row.messageCount} messages and has ${thread.length}`);
  must(row.userLastReadSeq <= thread.length && row.agentLastReadSeq <= thread.length, 'a read mark is past the end');
  const unread = thread.filter(({ type, seq }) => type === 'user' && seq > row.agentLastReadSeq).length;
  must(row.unreadCount === unread, `counts ${row.unreadCount} unread and has ${unread}`);
  const last = thread.findLast(({ type }) => type !== 'system');
  must(row.lastMessage === (last?.text ?? '').slice(0, 200), `the last message is not "${row.lastMessage}"`);
  must((row.handler === 'agent') === (row.assignee !== undefined), `is with ${row.handler} and assigned to ${row.assignee?.id}`);
  must(row.isArchived !== true || row.status === 'closed', 'is archived and open');
  const turns = thread.flatMap(({ system }) =>
    system?.code === 'conversation_closed' ? ['closed'] : system?.code === 'conversation_reopened' ? ['open'] : []);
  must(turns.every((turn, index) => turn !== turns[index - 1]), `opened or closed twice: ${turns.join(' ')}`);
  must(turns.length === 0 || turns.at(-1) === row.status, `the last line says ${turns.at(-1)}, the row ${row.status}`);
  return found;
}
