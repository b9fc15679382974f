import { createIndexedStorage, createMemoryStorage, type ChatChannel, type ChatLocks, type ChatStorage } from '@parlor/client';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';

// Browsers have it where they have IndexedDB.
Object.assign(globalThis, { IDBKeyRange });

/** What the tabs of one browser share: its database, its locks and its channels. */
export class Browser {
  readonly storage: ChatStorage;
  private readonly lines = new Map<string, Promise<void>>();
  private readonly channels = new Set<Channel>();

  /** `isIndexed`: over IndexedDB, which takes its time; otherwise over a memory. */
  constructor(isIndexed: boolean) {
    this.storage = isIndexed ? createIndexedStorage({ factory: new IDBFactory() }) : createMemoryStorage();
  }

  /** First come, first served. What a page holds is given back when it is `over`; the page itself hears no more of it. */
  locks(over: Promise<void>): ChatLocks {
    return {
      request: (name, { signal }, work) => {
        const before = this.lines.get(name) ?? Promise.resolve();
        let isOver = false;
        const gone = over.then(() => void (isOver = true));
        const turn = before.then(() => {
          signal.throwIfAborted();
          return isOver ? undefined : work();
        });
        this.lines.set(name, Promise.race([turn.catch(nothing), before.then(() => gone)]));
        return new Promise((resolve, reject) => {
          turn.then(() => isOver || resolve(undefined), (error: unknown) => isOver || reject(error as Error));
        });
      },
    };
  }

  /** A `BroadcastChannel`: every other one of the browser hears what is posted. `hear` brings it to its page. */
  open(hear: (deliver: () => void) => void): ChatChannel {
    const channel = new Channel(this.channels, hear);
    this.channels.add(channel);
    return channel;
  }
}

const nothing = () => {};

class Channel implements ChatChannel {
  onmessage: ((event: MessageEvent) => void) | null = null;

  constructor(private readonly all: Set<Channel>, private readonly hear: (deliver: () => void) => void) {}

  postMessage(message: unknown): void {
    for (const other of this.all) {
      if (other === this) continue;
      const data: unknown = structuredClone(message);
      other.hear(() => other.onmessage?.(new MessageEvent('message', { data })));
    }
  }

  close(): void {
    this.all.delete(this);
    this.onmessage = null;
  }
}
