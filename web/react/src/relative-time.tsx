import { useNow } from './hooks/use-now.ts';
import { useParlor } from './provider.tsx';

/** A component of its own, so that the passing of time renders a few words and not the row around them. */
export function RelativeTime({ at, className }: { at: Date; className?: string }) {
  const { format } = useParlor();
  const now = useNow();
  return (
    <time className={className} dateTime={at.toISOString()} title={format.full(at)}>
      {format.short(at, now)}
    </time>
  );
}

export function LastSeen({ at }: { at: Date }) {
  const { format, messages } = useParlor();
  const now = useNow();
  return <span title={format.full(at)}>{messages.lastSeen(format.ago(at, now))}</span>;
}
