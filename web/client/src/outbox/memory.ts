import type { ChatStorage, RowKind, StoredRow } from './storage.js';

/** A storage that lives as long as the page. Several clients given the same one share it, as tabs do. */
export function createMemoryStorage({ isPrivate = false } = {}): ChatStorage {
  const kinds: Record<RowKind, Map<string, StoredRow>> = { messages: new Map(), drafts: new Map(), leases: new Map(), keys: new Map() };
  const keyOf = (owner: string, id: string) => `${owner} ${id}`;
  return {
    isPrivate,
    list: (kind, owner) => Promise.resolve(
      [...kinds[kind].values()]
        .filter((row) => owner === undefined || row.owner === owner)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))),
    write(changes) {
      for (const { kind, value, ...row } of changes) {
        if (value === undefined) kinds[kind].delete(keyOf(row.owner, row.id));
        else kinds[kind].set(keyOf(row.owner, row.id), { ...row, value });
      }
      return Promise.resolve();
    },
    update(owner, id, change) {
      const value = change(kinds.leases.get(keyOf(owner, id))?.value);
      void this.write([{ kind: 'leases', owner, id, value }]);
      return Promise.resolve(value);
    },
  };
}
