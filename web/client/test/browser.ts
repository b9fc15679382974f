import type { ChatChannel, ChatLocks, ChatStorage, LiveChatOptions } from '../src/client.js';
import type { TestServer } from '../src/testing.js';

const never = <T>() => new Promise<T>(() => {});

/** What a page's client uses of its browser, and the end of that page: from then on nothing it began has any effect here. */
interface Tab {
  options: Pick<LiveChatOptions, 'storage' | 'locks' | 'broadcast'>;
  crash(): void;
  /** What else ends with the page. */
  onCrash(end: () => void): void;
}

export type Browser = ReturnType<typeof createBrowser>;

/** A browser with several tabs over one storage. Without locks it has leases, without a channel it polls. */
export function createBrowser(storage: ChatStorage, { hasLocks = true, hasChannel = true } = {}) {
  const channels = new Set<ChatChannel>();
  const turns = new Map<string, Promise<unknown>>();
  /** Steps each page has left, by how it ends. */
  const budgets = new Map<() => void, number>();

  function tab(): Tab {
    let isOver = false;
    let finish = () => {};
    const ended = new Promise<void>((resolve) => (finish = resolve));
    const ends: (() => void)[] = [];
    const crash = () => {
      if (isOver) return;
      isOver = true;
      finish();
      for (const end of ends) end();
    };
    /** One step of this page: it may be its last, before or after it took effect. */
    async function step<T>(work: () => Promise<T>): Promise<T> {
      const left = (budgets.get(crash) ?? Infinity) - 1;
      budgets.set(crash, left);
      if (isOver || left === 0) crash();
      if (isOver) return never();
      const result = await work();
      if (left === 1) crash();
      return isOver ? never() : result;
    }
    const locks: ChatLocks = {
      request(name, { signal }, work) {
        const before = turns.get(name) ?? Promise.resolve();
        const own = before.then(() => {
          signal.throwIfAborted();
          return Promise.race([isOver ? never() : step(work), ended]);
        });
        turns.set(name, own.catch(() => {}));
        return own;
      },
    };
    const broadcast = (): ChatChannel => {
      const channel: ChatChannel = {
        onmessage: null,
        postMessage(message) {
          if (isOver) return;
          const copy: unknown = structuredClone(message);
          for (const other of channels) {
            if (other !== channel) void Promise.resolve().then(() => channels.has(other) && other.onmessage?.({ data: copy } as MessageEvent));
          }
        },
        close: () => void channels.delete(channel),
      };
      channels.add(channel);
      void ended.then(() => channels.delete(channel));
      return channel;
    };
    return {
      crash,
      onCrash: (end) => void ends.push(end),
      options: {
        ...(hasLocks && { locks }),
        ...(hasChannel && { broadcast }),
        storage: {
          list: (kind, owner) => step(() => storage.list(kind, owner)),
          write: (changes) => step(() => storage.write(changes)),
          update: (owner, id, change) => step(() => storage.update(owner, id, change)),
        },
      },
    };
  }

  return { storage, tab, crashAfter: ({ crash }: Pick<Tab, 'crash'>, steps: number) => void budgets.set(crash, steps) };
}

/** A channel of `browser` whose page is frozen: what the other tabs say it hears when it `thaw`s, in their order. */
export function createFrozen(browser: Browser) {
  const late: (() => void)[] = [];
  const { broadcast: open } = browser.tab().options;
  const broadcast = (name: string): ChatChannel => {
    const channel = open?.(name) as ChatChannel;
    return {
      ...channel,
      get onmessage() {
        return null;
      },
      set onmessage(hear: ChatChannel['onmessage']) {
        channel.onmessage = (event) => void late.push(() => hear?.(event));
      },
    };
  };
  return {
    broadcast,
    thaw(): void {
      for (const deliver of late.splice(0)) deliver();
    },
  };
}

/** How `sub` signs in: a token as the server's, so that it is known before anything answers. */
export function token(server: TestServer, sub: string, kid = 'k1'): () => string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const issued = server.token({ role: 'visitor', sub, name: sub }, `${part({ kid })}.${part({ role: 'visitor', sub })}.`);
  return () => issued;
}
