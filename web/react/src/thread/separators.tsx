import type { Ref } from 'react';
import { useNow } from '../hooks/use-now.ts';
import { useParlor } from '../provider.tsx';

export interface DaySeparatorProps {
  at: Date;
  className?: string;
  ref?: Ref<HTMLDivElement>;
}

/** The day above its first message. */
export function DaySeparator({ at, className = '', ref }: DaySeparatorProps) {
  const { format } = useParlor();
  const now = useNow();
  return (
    <div ref={ref} className={`pl-separator ${className}`} data-kind="day">
      <time dateTime={at.toISOString()}>{format.day(at, now)}</time>
    </div>
  );
}

/** Above the first message that was unread when the thread was opened. */
export function NewDivider() {
  const { messages } = useParlor();
  return (
    <div className="pl-separator" data-kind="new">
      {messages.newDivider}
    </div>
  );
}
