import type { LiveChat } from '../api.js';
import { decodeDeletion, type Deletion } from '../protocol/lifecycle.js';
import type { DeletionList, DryRun } from '../protocol/schema.js';

/** A part of the record, newest first. */
export interface DeletionPage {
  readonly deletions: readonly Deletion[];
  readonly hasMore: boolean;
}

/** What is gone for good, by hand. Each rejects with a `LiveChatError`. */
export interface Erasure {
  /** What would go with a conversation. */
  countConversation(id: string): Promise<DryRun>;
  /** Resolves when nobody can read it any more. */
  eraseConversation(id: string): Promise<void>;
  /** What would go with a person. */
  countUser(id: string): Promise<DryRun>;
  /** Everything about a person. Resolves when all of it is gone; asked again after a break it goes on. */
  eraseUser(id: string): Promise<void>;
  /** Everything about a person as JSON lines: the person, then each conversation as `parlor import` reads it. */
  exportUser(id: string): Promise<Blob>;
  /** What was deleted when, by whom and why: nothing of what was said. `before`: the `seq` of the last one seen. */
  deletions(page?: { limit?: number; before?: number }): Promise<DeletionPage>;
}

export function createErasure(chat: LiveChat): Erasure {
  const conversation = (id: string) => `/conversations/${encodeURIComponent(id)}`;
  const user = (id: string) => `/users/${encodeURIComponent(id)}`;
  const count = (path: string) => chat.request<DryRun>('DELETE', `${path}?dryRun=true`);
  return {
    countConversation: (id) => count(conversation(id)),
    eraseConversation: (id) => chat.request('DELETE', conversation(id)),
    countUser: (id) => count(user(id)),
    eraseUser: (id) => chat.request('DELETE', user(id)),
    exportUser: async (id) => new Blob([await chat.request<string>('GET', `${user(id)}/export`)], { type: 'application/x-ndjson' }),
    async deletions({ limit = 50, before } = {}) {
      const query = new URLSearchParams({ limit: String(limit) });
      if (before !== undefined) query.set('before', String(before));
      const { deletions, hasMore } = await chat.request<DeletionList>('GET', `/deletions?${query}`);
      return { deletions: deletions.map(decodeDeletion), hasMore };
    },
  };
}
