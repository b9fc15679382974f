import { useEffect, type Ref } from 'react';
import { useAgentState } from '../agent-state.ts';
import { classNames } from '../class-name.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';

export interface NoticeBarProps {
  className?: string;
  ref?: Ref<HTMLDivElement>;
}

/** What was just done, and the way back. */
export function NoticeBar({ className, ref }: NoticeBarProps) {
  const words = useAgentWords();
  const { notices } = useAgentState();
  const notice = useReadable(notices);
  // What waits for its time to be taken back is done before everything goes.
  useEffect(() => () => notices.dismiss(), [notices]);
  return (
    <div
      ref={ref}
      className={classNames('pl-done', className)}
      role="status"
      onPointerEnter={() => notices.hold(true)}
      onPointerLeave={() => notices.hold(false)}
      onFocus={() => notices.hold(true)}
      onBlur={() => notices.hold(false)}
    >
      {notice !== undefined && (
        <div className="pl-done-what">
          <span>{notice.text}</span>
          {notice.undo !== undefined && (
            <button type="button" className="pl-button" data-variant="link" onClick={notices.undo}>
              {words.undo}
            </button>
          )}
          <button type="button" className="pl-button" data-variant="icon" aria-label={words.dismiss} onClick={notices.dismiss}>
            <Icon name="cross" />
          </button>
        </div>
      )}
    </div>
  );
}
