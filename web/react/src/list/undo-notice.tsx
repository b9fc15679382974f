import { useEffect, useRef } from 'react';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { Icon } from '../icons.tsx';
import type { Notice } from '../inbox.ts';
import { noticeMs } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { onEscape } from './on-escape.ts';

export interface UndoNoticeProps {
  notice: Notice;
  /** Where the focus goes when the notice goes with it. */
  onLeave(): void;
}

/** What was just done, and the way back. Goes by itself, but not from under a pointer or the keyboard's focus. */
export function UndoNotice({ notice, onLeave }: UndoNoticeProps) {
  const { inbox } = useParlor();
  const words = useAgentWords();
  const box = useRef<HTMLDivElement>(null);
  const leave = useRef(onLeave);
  useEffect(() => {
    leave.current = onLeave;
  });

  useEffect(() => {
    // What had the focus went with the act: the way back is the next thing to reach for.
    if (document.activeElement === document.body) box.current?.querySelector('button')?.focus();
    const timer = setInterval(() => {
      if (inbox.notice.get() !== notice || box.current?.matches(':hover') || box.current?.querySelector(':focus-visible')) return;
      const hadFocus = box.current?.contains(document.activeElement);
      inbox.notice.set(undefined);
      if (hadFocus) leave.current();
    }, noticeMs);
    return () => clearInterval(timer);
  }, [inbox, notice]);

  function close() {
    inbox.notice.set(undefined);
    leave.current();
  }

  return (
    <div
      ref={box}
      role="group"
      aria-label={notice.text}
      onKeyDown={(event) => onEscape(close)(event)}
    >
      <span>{notice.text}</span>
      {notice.undo && (
        <button
          type="button"
          className="pl-button"
          data-variant="link"
          onClick={() => {
            close();
            notice.undo?.();
          }}
        >
          {words.undo}
        </button>
      )}
      <button type="button" className="pl-button" data-variant="icon" aria-label={words.dismiss} onClick={close}>
        <Icon name="cross" />
      </button>
    </div>
  );
}
