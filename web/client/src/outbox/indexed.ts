import type { ChatStorage, RowKind, StoredRow } from './storage.js';

/** Rises with every kind of row that comes along. */
const VERSION = 3;
const KINDS: readonly RowKind[] = ['messages', 'drafts', 'leases', 'keys'];
const KEY = ['owner', 'id'];

export interface IndexedStorageOptions {
  /** Of the database; one per page origin is shared by all tabs. Default `parlor`. */
  name?: string;
  /** Default: the page's own. */
  factory?: IDBFactory;
}

/**
 * A storage in IndexedDB: survives reload, crash and sleep. Opened at first use, again after it was closed underneath.
 * Every failure (private mode, quota, a database of a newer version) rejects; what to do then is the caller's.
 */
export function createIndexedStorage({ name = 'parlor', factory }: IndexedStorageOptions = {}): ChatStorage {
  let opened: Promise<IDBDatabase> | undefined;

  function open(): Promise<IDBDatabase> {
    const forget = () => (opened = undefined);
    opened ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = (factory ?? indexedDB).open(name, VERSION);
      request.onupgradeneeded = () => {
        const { result: db } = request;
        // Rows keep their shape from version to version: an older database only lacks stores.
        for (const kind of KINDS) if (!db.objectStoreNames.contains(kind)) db.createObjectStore(kind, { keyPath: KEY });
      };
      request.onsuccess = () => {
        const { result: db } = request;
        // A page of a newer version waits for this: it must not wait until this tab is closed.
        db.onversionchange = () => {
          db.close();
          forget();
        };
        db.onclose = forget;
        resolve(db);
      };
      request.onerror = () => reject(request.error);
    });
    opened.catch(forget);
    return opened;
  }

  async function begin(mode: IDBTransactionMode): Promise<IDBTransaction> {
    try {
      return (await open()).transaction(KINDS, mode);
    } catch (error) {
      // Some browsers lose a connection without a word.
      opened = undefined;
      throw error;
    }
  }

  async function transact<T>(mode: IDBTransactionMode, work: (transaction: IDBTransaction) => () => T): Promise<T> {
    const transaction = await begin(mode).catch(() => begin(mode));
    return new Promise((resolve, reject) => {
      transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted.'));
      const result = work(transaction);
      transaction.oncomplete = () => resolve(result());
    });
  }

  return {
    list: (kind, owner) => transact('readonly', (transaction) => {
      // An array is greater than every text, so this ends behind the owner's last row.
      const range = owner === undefined ? undefined : IDBKeyRange.bound([owner], [owner, []]);
      const found = transaction.objectStore(kind).getAll(range) as IDBRequest<StoredRow[]>;
      return () => found.result;
    }),
    write: (changes) => transact('readwrite', (transaction) => {
      for (const { kind, value, ...row } of changes) {
        const store = transaction.objectStore(kind);
        if (value === undefined) store.delete([row.owner, row.id]);
        else store.put({ ...row, value });
      }
      // A page that goes is not waited for: what it has not committed by then is dropped.
      transaction.commit?.();
      return () => {};
    }),
    update: (owner, id, change) => transact('readwrite', (transaction) => {
      const store = transaction.objectStore('leases');
      const found = store.get([owner, id]) as IDBRequest<StoredRow | undefined>;
      let value: unknown;
      found.onsuccess = () => {
        value = change(found.result?.value);
        if (value === undefined) store.delete([owner, id]);
        else store.put({ owner, id, value });
      };
      return () => value;
    }),
  };
}
