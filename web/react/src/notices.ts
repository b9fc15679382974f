import type { Readable } from '@parlor/client';
import { noticeForMs } from './limits.ts';

/** Something that has just been done, said in passing. */
export interface Notice {
  readonly text: string;
  /** Takes it back. */
  readonly undo?: () => void;
  /** Does what was only shown so far, once it can no longer be taken back. */
  readonly commit?: () => void;
}

export interface Notices extends Readable<Notice | undefined> {
  /** One at a time: the one before stands as it is done. */
  say(notice: Notice): void;
  undo(): void;
  dismiss(): void;
  /** While somebody points at it or is in it, it stays. */
  hold(isHeld: boolean): void;
}

export function createNotices(): Notices {
  let notice: Notice | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  function show(next: Notice | undefined) {
    clearTimeout(timer);
    notice = next;
    if (next !== undefined) timer = setTimeout(dismiss, noticeForMs);
    for (const listener of listeners) listener();
  }
  function dismiss() {
    const done = notice;
    if (done === undefined) return;
    show(undefined);
    done.commit?.();
  }

  return {
    get: () => notice,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    say(next) {
      const before = notice;
      show(next);
      before?.commit?.();
    },
    undo() {
      const taken = notice;
      show(undefined);
      taken?.undo?.();
    },
    dismiss,
    hold(isHeld) {
      clearTimeout(timer);
      if (!isHeld && notice !== undefined) timer = setTimeout(dismiss, noticeForMs);
    },
  };
}
