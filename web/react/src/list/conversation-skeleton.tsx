import type { Ref } from 'react';
import { classNames } from '../class-name.ts';
import { useParlor } from '../provider.tsx';

export interface ConversationSkeletonProps {
  /** How many rows. */
  count?: number;
  className?: string;
  ref?: Ref<HTMLDivElement>;
}

/** Rows of the list's real height, so that nothing moves when they arrive. */
export function ConversationSkeleton({ count = 8, className, ref }: ConversationSkeletonProps) {
  const { messages } = useParlor();
  return (
    <div ref={ref} className={classNames('pl-scroll', className)} role="status">
      <span className="pl-hidden">{messages.loadingConversations}</span>
      <div aria-hidden="true">
        {Array.from({ length: count }, (_, index) => (
          <div key={`row-${String(index)}`} className="pl-card" data-skeleton="">
            <span className="pl-avatar pl-skeleton" />
            <span className="pl-card-body">
              <span className="pl-skeleton" />
              <span className="pl-skeleton" />
              <span className="pl-skeleton" />
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}
