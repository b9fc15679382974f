import type { Ref } from 'react';
import { classNames } from '../class-name.ts';
import { useParlor } from '../provider.tsx';

export interface MessageSkeletonProps {
  className?: string;
  ref?: Ref<HTMLDivElement>;
}

const sides = ['start', 'end', 'start', 'start', 'end', 'start'] as const;

/** Bubbles of the thread's real geometry, resting at its end like the thread does. */
export function MessageSkeleton({ className, ref }: MessageSkeletonProps) {
  const { messages } = useParlor();
  return (
    <div ref={ref} className={classNames('pl-scroll pl-scroll-end', className)} role="status">
      <span className="pl-hidden">{messages.loadingMessages}</span>
      {sides.map((side, index) => (
        <div key={`bubble-${String(index)}`} className="pl-row" aria-hidden="true">
          <div className="pl-message" data-skeleton="" data-first="" data-side={side}>
            {side === 'start' && <span className="pl-avatar pl-skeleton" data-size="small" />}
            <div className="pl-message-main">
              <span className="pl-skeleton" />
            </div>
          </div>
        </div>
      ))}
    </div>
  );
}
