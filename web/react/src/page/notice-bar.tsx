import type { Ref } from 'react';
import { classNames } from '../class-name.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';

export interface NoticeBarProps {
  className?: string;
  ref?: Ref<HTMLDivElement>;
}

/** What was just done, and the way back. */
export function NoticeBar({ className, ref }: NoticeBarProps) {
  const { messages, notices } = useParlor();
  const notice = useReadable(notices);
  return (
    <div
      ref={ref}
      className={classNames('pl-notices', className)}
      role="status"
      onPointerEnter={() => notices.hold(true)}
      onPointerLeave={() => notices.hold(false)}
      onFocus={() => notices.hold(true)}
      onBlur={() => notices.hold(false)}
    >
      {notice !== undefined && (
        <div className="pl-notice">
          <span>{notice.text}</span>
          {notice.undo !== undefined && (
            <button type="button" className="pl-button" data-variant="link" onClick={notices.undo}>
              {messages.undo}
            </button>
          )}
          <button type="button" className="pl-button" data-variant="icon" aria-label={messages.dismiss} onClick={notices.dismiss}>
            <Icon name="cross" />
          </button>
        </div>
      )}
    </div>
  );
}
