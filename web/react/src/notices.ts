import type { InboxStore, Notice } from './inbox.ts';

/** Something that is only shown as done, until it can no longer be taken back. */
export interface PendingNotice extends Notice {
  commit(): void;
}

export interface Notices {
  say(notice: Notice | PendingNotice): void;
}

/** The page's one notice, also for what is to be done when it goes. */
export function createNotices({ notice: shown }: Pick<InboxStore, 'notice'>): Notices {
  return {
    say(notice) {
      if (!('commit' in notice)) return shown.set(notice);
      let isUndone = false;
      const said: Notice = {
        text: notice.text,
        undo() {
          isUndone = true;
          notice.undo?.();
        },
      };
      shown.set(said);
      // The page may never run again.
      const leave = () => shown.set(undefined);
      window.addEventListener('pagehide', leave);
      const stop = shown.subscribe(() => {
        if (shown.get() === said) return;
        stop();
        window.removeEventListener('pagehide', leave);
        // It goes first and is undone then.
        queueMicrotask(() => {
          if (!isUndone) notice.commit();
        });
      });
    },
  };
}
