import type { ConversationFilters } from '@parlor/client';
import type { Finding } from './breach.js';
import { difference } from './difference.js';
import type { Observer, StoredConversation, StoredMessage } from './observer.js';
import type { Page } from './page.js';

/** What the server has, as somebody reads it who uses none of the client's code. */
export interface Truth {
  conversations: Map<string, StoredConversation>;
  messages: Map<string, StoredMessage>;
  threads: Map<string, StoredMessage[]>;
}

/** Holds a page that has come to rest, scrolled to every end, against the server itself. */
export async function againstTruth(page: Page, truth: Truth, observer: Observer): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const id of page.tab.threads) found.push(...ofThread(page, id, truth.threads.get(id) ?? []));
  for (const filters of page.tab.filters) found.push(...await ofList(page, filters, truth, observer));
  return found;
}

/** From the oldest message it shows to the newest there is: all of them, in their order, as they are stored. */
function ofThread({ chat, tab }: Page, id: string, all: readonly StoredMessage[]): Finding[] {
  const { ids, hasOlder } = chat.messages(id).get();
  const shown = ids.flatMap((messageId) => chat.message(messageId).get() ?? []).filter(({ seq }) => seq > 0);
  const from = hasOlder ? shown[0]?.seq ?? Infinity : 1;
  const stored = all.filter(({ seq }) => seq >= from);
  const where = `${tab.name}, thread ${id}`;
  const isShown = new Set(ids);
  const isStored = new Set(stored.map((message) => message.id));
  const missing = stored.filter((message) => !isShown.has(message.id)).map(({ seq }) => seq);
  if (missing.length > 0) return [{ kind: 'gap', what: `${where} does not show seq ${missing.join(' ')}` }];
  const extra = shown.filter((message) => !isStored.has(message.id)).map((message) => message.id);
  if (extra.length > 0) return [{ kind: 'ghost', what: `${where} shows ${extra.join(' ')}, which is not stored there` }];
  return stored.flatMap((message, at): Finding[] => {
    const other = shown[at];
    if (other?.id !== message.id) return [{ kind: 'order', what: `${where} shows ${other?.id} where ${message.id} is stored` }];
    const differs = difference(ofMessage(message), ofMessage(other));
    return differs === undefined ? [] : [{ kind: differs.startsWith('/isRead') ? 'stale' : 'altered', what: `${where}, ${message.id}, at ${differs}` }];
  });
}

type Message = Pick<StoredMessage, 'conversationId' | 'seq' | 'text' | 'type' | 'isRead'>;
const ofMessage = ({ conversationId, seq, text, type, isRead }: Message) => ({ conversationId, seq, text, type, isRead });

type Row = Pick<StoredConversation, 'version' | 'status' | 'handler' | 'messageCount' | 'lastMessage' | 'userLastReadSeq' | 'agentLastReadSeq'>;
const ofRow = ({ version, status, handler, messageCount, lastMessage, userLastReadSeq, agentLastReadSeq }: Row) =>
  ({ version, status, handler, messageCount, lastMessage, userLastReadSeq, agentLastReadSeq });

/** The conversations the server finds, in its order, and each row as it is stored. */
async function ofList({ chat, tab }: Page, filters: ConversationFilters, truth: Truth, observer: Observer): Promise<Finding[]> {
  const { ids, total, hasMore } = chat.list(filters).get();
  const { role, sub } = tab.person;
  const { rows, total: counted } = await observer.conversations(role === 'visitor' ? { ...filters, userId: sub } : filters);
  const where = `${tab.name}, list ${JSON.stringify(filters)}`;
  const differs = [
    difference({ ids: rows.map(({ id }) => id), total: counted, hasMore: false }, { ids, total, hasMore }),
    ...ids.map((id) => {
      const [stored, shown] = [truth.conversations.get(id), chat.conversation(id).get()];
      return difference(stored && ofRow(stored), shown && ofRow(shown), `/${id}`);
    }),
  ];
  return differs.flatMap((what): Finding[] => (what === undefined ? [] : [{ kind: 'stale', what: `${where}, at ${what}` }]));
}
