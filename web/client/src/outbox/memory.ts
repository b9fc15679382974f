import type { Outbox, OutboxEntry } from './outbox.js';

/** An outbox that lives as long as the page. */
export function createMemoryOutbox(): Outbox {
  const entries = new Map<string, OutboxEntry>();
  const turns = new Map<string, Promise<unknown>>();
  return {
    load: () => Promise.resolve([...entries.values()]),
    put(entry) {
      entries.set(entry.id, entry);
      return Promise.resolve();
    },
    remove(id) {
      entries.delete(id);
      return Promise.resolve();
    },
    clear() {
      entries.clear();
      return Promise.resolve();
    },
    async exclusive(conversationId, work) {
      const before = turns.get(conversationId) ?? Promise.resolve();
      const own = before.then(work, work);
      turns.set(conversationId, own);
      try {
        return await own;
      } finally {
        if (turns.get(conversationId) === own) turns.delete(conversationId);
      }
    },
  };
}
