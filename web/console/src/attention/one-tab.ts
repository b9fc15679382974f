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

/** Without locks: the tab that was looked at last. One that opens behind others asks whether any of them has it. */
function claimedRole(name: string): Role {
  const channel = new BroadcastChannel(name);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none, a window would.
  const say = (what: 'mine' | 'whose') => channel.postMessage(what);
  let isMine = true;
  const claim = () => {
    if (document.visibilityState !== 'visible') return;
    isMine = true;
    say('mine');
  };
  channel.addEventListener('message', ({ data }) => {
    if (data === 'mine') isMine = false;
    else if (isMine) say('mine');
  });
  document.addEventListener('visibilitychange', claim);
  if (document.visibilityState === 'visible') claim();
  else say('whose');
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

/** The name of a lock; behind it stands the conversation that is open there. */
const looking = 'parlor.looking/';

/** What somebody reads in a tab. */
export interface Reading {
  get(): { selectedConversationId: string | undefined };
  subscribe(listener: () => void): () => void;
}

/** Tells the other tabs while somebody looks at this one, and at what. */
export function tellLooking(reading: Reading, locks = pageLocks()): () => void {
  if (locks === undefined) return () => undefined;
  let held: { name: string; release(): void } | undefined;
  const change = () => {
    const name = isLookedAt() ? looking + (reading.get().selectedConversationId ?? '') : undefined;
    if (name === held?.name) return;
    held?.release();
    held = undefined;
    if (name === undefined) return;
    const over = new Promise<void>((release) => {
      held = { name, release };
    });
    locks.request(name, { mode: 'shared' }, () => over).catch(() => undefined);
  };
  const events = ['focus', 'blur'] as const;
  for (const event of events) window.addEventListener(event, change);
  document.addEventListener('visibilitychange', change);
  const stopReading = reading.subscribe(change);
  change();
  return () => {
    for (const event of events) window.removeEventListener(event, change);
    document.removeEventListener('visibilitychange', change);
    stopReading();
    held?.release();
  };
}

async function lookedAtElsewhere(locks: Locks | undefined): Promise<readonly string[]> {
  const { held = [] } = (await locks?.query()) ?? {};
  return held.flatMap(({ name }) => (name?.startsWith(looking) ? [name.slice(looking.length)] : []));
}

/** Whether somebody looks at this page or another tab of it. */
export async function isAnyLookedAt(locks = pageLocks()): Promise<boolean> {
  return isLookedAt() || (await lookedAtElsewhere(locks)).length > 0;
}

/** The conversations that somebody has before their eyes, here or in another tab. */
export async function readNow(reading: Reading, locks = pageLocks()): Promise<ReadonlySet<string>> {
  const here = isLookedAt() ? [reading.get().selectedConversationId ?? ''] : [];
  return new Set([...here, ...(await lookedAtElsewhere(locks))]);
}
