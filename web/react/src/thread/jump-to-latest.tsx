import type { Ref } from 'react';
import { classNames } from '../class-name.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';

export interface JumpToLatestProps {
  /** Arrived since the reader left the end. */
  newCount: number;
  onJump(): void;
  className?: string;
  ref?: Ref<HTMLButtonElement>;
}

export function JumpToLatest({ newCount, onJump, className, ref }: JumpToLatestProps) {
  const { messages } = useParlor();
  return (
    <button
      ref={ref}
      type="button"
      className={classNames('pl-button pl-jump', className)}
      data-variant="outline"
      data-unread={newCount > 0 || undefined}
      onClick={onJump}
    >
      <Icon name="down" />
      {newCount > 0 ? messages.newMessages(newCount) : messages.jumpToLatest}
    </button>
  );
}
