import type { ConversationFilters } from '@parlor/client';
import { Network } from './net/network.js';
import type { World } from './world.js';

/** What the proof looks at in a stored message. */
export interface StoredMessage {
  id: string;
  conversationId: string;
  type: 'user' | 'bot' | 'system';
  text: string;
  seq: number;
  isRead: boolean;
  author: { kind: 'user' | 'bot' | 'agent' | 'system'; id?: string };
  system?: { code: string };
}

/** … and in a stored conversation. */
export interface StoredConversation {
  id: string;
  userId: string;
  funnelId: string;
  status: 'open' | 'closed';
  handler: 'bot' | 'queue' | 'agent';
  assignee?: { id: string };
  isArchived?: boolean;
  messageCount: number;
  unreadCount: number;
  lastMessage: string;
  userLastReadSeq: number;
  agentLastReadSeq: number;
  previousId?: string;
  version: number;
}

interface ListPage {
  conversations: StoredConversation[];
  total: number;
  hasMore: boolean;
  nextPageToken?: string;
}

const EVERYTHING: ConversationFilters = { status: 'all', archived: 'all', sortBy: 'oldest' };
const BASE = 'http://parlor/api/live-chat';
/** Nobody asks for it in a history, and it has time to be found. */
const TTL_S = 30 * 24 * 3_600;

/** Somebody who may see everything, whose network never fails: reads what the server has, and does what no page can. */
export class Observer {
  private readonly network: Network;
  private readonly tokens = new Map<string, Promise<string>>();

  constructor(private readonly world: World) {
    this.network = new Network(world, 'observer');
  }

  async call<T>(role: string, method: string, path: string, body?: unknown): Promise<T> {
    const token = this.tokens.get(role) ?? this.world.server.token(role, 'observer', TTL_S);
    this.tokens.set(role, token);
    const response = await this.network.fetch(BASE + path, {
      method,
      headers: { authorization: `Bearer ${await token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** What the server finds; by itself everything there is. */
  async conversations(filters: ConversationFilters = EVERYTHING): Promise<{ rows: StoredConversation[]; total: number }> {
    const rows: StoredConversation[] = [];
    const query = new URLSearchParams(Object.entries(filters).map(([name, value]) => [name, String(value)])).toString();
    let page: ListPage | undefined;
    do {
      const token: string = page?.nextPageToken === undefined ? '' : `&pageToken=${encodeURIComponent(page.nextPageToken)}`;
      page = await this.call<ListPage>('agent', 'GET', `/conversations?${query}&messages=0&limit=100${token}`);
      rows.push(...page.conversations);
    } while (page.hasMore);
    return { rows, total: page.total };
  }

  async messages(id: string): Promise<StoredMessage[]> {
    const all: StoredMessage[] = [];
    let hasMore = true;
    while (hasMore) {
      const page: { messages: StoredMessage[]; hasMore: boolean } =
        await this.call('agent', 'GET', `/conversations/${id}/messages?limit=200&after=${all.at(-1)?.seq ?? 0}`);
      all.push(...page.messages);
      ({ hasMore } = page);
    }
    return all;
  }

  end(): void {
    this.network.end();
  }
}
