/** A role that one tab of this browser has at a time. */
export interface Role {
  /** Whether this tab has it. */
  isMine(): boolean;
  giveUp(): void;
}

type Locks = Pick<LockManager, 'request' | 'query'>;

/** Absent on pages without HTTPS. */
const pageLocks = (): Locks | undefined => (globalThis.navigator as Partial<Navigator> | undefined)?.locks;

/** Held by the first tab that asks, and by the next one as soon as that is closed, however it ends. */
function lockedRole(name: string, locks: Locks): Role {
  const ending = new AbortController();
  let isMine = false;
  const hold = () =>
    new Promise<void>((resolve) => {
      isMine = true;
      ending.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  locks.request(name, { signal: ending.signal }, hold).catch(() => undefined);
  return {
    isMine: () => isMine && !ending.signal.aborted,
    giveUp: () => ending.abort(),
  };
}

/** Without locks: the tab that was looked at last. */
function claimedRole(name: string): Role {
  const channel = new BroadcastChannel(name);
  let isMine = true;
  const claim = () => {
    if (document.visibilityState !== 'visible') return;
    isMine = true;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none, a window would.
    channel.postMessage('mine');
  };
  channel.addEventListener('message', () => {
    isMine = false;
  });
  document.addEventListener('visibilitychange', claim);
  claim();
  return {
    isMine: () => isMine,
    giveUp() {
      isMine = false;
      document.removeEventListener('visibilitychange', claim);
      channel.close();
    },
  };
}

export function standFor(name: string, locks = pageLocks()): Role {
  return locks === undefined ? claimedRole(name) : lockedRole(name, locks);
}

/** Whether somebody looks at this page right now. */
export const isLookedAt = () => document.visibilityState === 'visible' && document.hasFocus();

const looking = 'parlor.looking';

/** Tells the other tabs while somebody looks at this one. */
export function tellLooking(locks = pageLocks()): () => void {
  if (locks === undefined) return () => undefined;
  let release: (() => void) | undefined;
  const change = () => {
    if (isLookedAt() === (release !== undefined)) return;
    release?.();
    release = undefined;
    if (!isLookedAt()) return;
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    locks.request(looking, { mode: 'shared' }, () => over).catch(() => undefined);
  };
  const events = ['focus', 'blur'] as const;
  for (const event of events) window.addEventListener(event, change);
  document.addEventListener('visibilitychange', change);
  change();
  return () => {
    for (const event of events) window.removeEventListener(event, change);
    document.removeEventListener('visibilitychange', change);
    release?.();
  };
}

/** Whether somebody looks at this page or another tab of it. */
export async function isAnyLookedAt(locks = pageLocks()): Promise<boolean> {
  if (isLookedAt()) return true;
  const { held = [] } = (await locks?.query()) ?? {};
  return held.some(({ name }) => name === looking);
}
