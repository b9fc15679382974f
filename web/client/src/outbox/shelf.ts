import { STORAGE_TIMEOUT_MS } from '../limits.js';
import { trouble, type LiveChatError } from '../protocol/problem.js';
import type { Clock } from '../transport/clock.js';
import { timely } from '../transport/timely.js';
import type { OutboxEntry, Stored } from './outbox.js';
import { isOfServer, type Owner } from './owner.js';
import type { ChatStorage, RowKind, StorageChange, StoredRow } from './storage.js';

/** What one tab tells the others. */
export interface News {
  readonly owner: string;
  /** Rows as they are in the storage now. */
  readonly changes?: readonly StorageChange[];
  /** When those were written. */
  readonly at?: number;
  /** The server has it: its answer, or (seen in the stream) only where. */
  readonly sent?: { readonly entry: OutboxEntry; readonly answer: Stored };
  readonly seen?: { readonly id: string; readonly conversationId: string; readonly seq: number };
  /** Taken back by the user: what the storage still has of it goes too. */
  readonly taken?: string;
  /** Signed out. */
  readonly isWiped?: true;
}

/** The part of `BroadcastChannel` that is used here. */
export interface ChatChannel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

export interface ShelfOptions {
  url: string;
  storage: ChatStorage;
  broadcast?: (name: string) => ChatChannel;
  clock: Clock;
  /** The storage fails, or works again. */
  told(error: LiveChatError | undefined): void;
}

export type Shelf = ReturnType<typeof createShelf>;

/** Of this version: a page of another one in the next tab does not understand our news. */
const CHANNEL = 'parlor-1';

/** The rows of one person, and the other tabs that look at them. Before somebody `own`s it there are none. */
export function createShelf({ url, storage, broadcast, clock, told }: ShelfOptions) {
  const listeners: ((news: News) => void)[] = [];
  let owner: Owner | undefined;
  let channel: ChatChannel | undefined;
  /** Something took too long and nothing has come through since: nobody waits again meanwhile. */
  let isStalled = false;

  /** By secret, as the server once said: what was kept under an old one before it said so is found by that. */
  const workspaces = new Map<string | undefined, unknown>();

  function isOf(whose: Owner, row: Omit<StoredRow, 'value'>): boolean {
    const workspace = row.workspace ?? workspaces.get(row.kid);
    return row.owner === whose.key && (
      workspace === undefined || whose.workspace === undefined ? row.kid === whose.kid : workspace === whose.workspace);
  }
  const isOurs = (row: Omit<StoredRow, 'value'>) => owner !== undefined && isOf(owner, row);

  /** What failed last time: reading may work where writing does not. */
  const failing = new Set<'list' | 'write'>();

  /** Settles as `work` does, or rejects when that takes too long. */
  function bounded<T>(kind: 'list' | 'write', work: Promise<T>): Promise<T> {
    const settled = () => (isStalled = false);
    work.then(settled, settled);
    return timely(clock, work, isStalled ? 0 : STORAGE_TIMEOUT_MS, () => (isStalled = true)).then(
      (result) => {
        if (failing.delete(kind) && failing.size === 0) told(undefined);
        return result;
      },
      (cause: unknown) => {
        const title = 'This browser cannot keep unsent messages: they are sent, but lost when the page is closed before.';
        // Reading goes on by itself: what somebody has put aside does not come back with every look.
        if (kind === 'write' || !failing.has(kind)) told(trouble('outbox-unavailable', title, 0, cause));
        failing.add(kind);
        throw cause;
      });
  }

  function post(news: Omit<News, 'owner'>): void {
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel, not a window
      if (owner) channel?.postMessage({ owner: owner.key, ...news } satisfies News);
    } catch {
      // Closed underneath. What is not told the others find in the storage.
    }
  }

  /** Calls back once it is so, even if that takes longer than anybody waits; rejects when it is not, or not yet. */
  function write(changes: readonly StorageChange[], done?: () => void): Promise<void> {
    const at = clock.now();
    return bounded('write', storage.write(changes).then(() => {
      done?.();
      post({ changes, at });
    }));
  }

  return {
    get owner() {
      return owner;
    },
    own(next: Owner | undefined): void {
      owner = next;
      if (next?.kid && next.workspace) storage.write([this.row('keys', next.kid, next.workspace)]).catch(() => {});
    },
    /** A row of ours as it shall be; without `value`, gone. */
    row(kind: RowKind, id: string, value?: unknown): StorageChange {
      return { kind, owner: owner?.key ?? '', kid: owner?.kid, workspace: owner?.workspace, id, value };
    },
    async list(kind: RowKind): Promise<StoredRow[]> {
      if (!owner) return [];
      const { key, kid } = owner;
      const rows = await bounded('list', storage.list(kind, key));
      if (rows.some((row) => row.kid !== kid && !row.workspace)) {
        for (const { id, value } of await bounded('list', storage.list('keys', key))) workspaces.set(id, value);
      }
      return rows.filter(isOurs);
    },
    write,
    post,
    /** Everything of ours; of everybody at this server while nobody knows who we are. */
    async clear(): Promise<void> {
      // Whoever is signed out is let go of before this is through.
      const whose = owner;
      for (const kind of ['messages', 'drafts', 'keys'] as const) {
        const found = await bounded('list', storage.list(kind, whose?.key));
        const rows = found.filter((row) => (whose ? isOf(whose, row) : isOfServer(url, row.owner)));
        await bounded('write', storage.write(rows.map((row) => ({ ...row, kind, value: undefined }))));
      }
    },

    onNews: (listener: (news: News) => void) => void listeners.push(listener),
    start(): void {
      try {
        channel = broadcast?.(CHANNEL);
      } catch {
        // Where site data is blocked there is no channel either.
      }
      if (!channel) return;
      channel.onmessage = ({ data }: MessageEvent) => {
        const { changes, ...news } = data as News;
        if (news.owner !== owner?.key) return;
        for (const listener of listeners) listener({ ...news, changes: changes?.filter(isOurs) });
      };
    },
    stop(): void {
      channel?.close();
      channel = undefined;
    },
    /** Whether other tabs may change rows without our hearing of it. */
    isDeaf: () => !channel && !storage.isPrivate,
  };
}
