import type { ConnectionPhase } from '@parlor/client';
import type { Ref } from 'react';
import { useConnection } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import { bannerAfterMs } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import type { Messages } from '../text/messages.ts';
import { useDelayed } from '../use-delayed.ts';

export interface ConnectionBannerProps {
  className?: string;
  ref?: Ref<HTMLDivElement>;
}

const words: Record<Exclude<ConnectionPhase, 'live'>, keyof Messages & `connection${string}`> = {
  connecting: 'connectionConnecting',
  'catching-up': 'connectionCatchingUp',
  polling: 'connectionPolling',
  offline: 'connectionOffline',
};

/** Says that the connection is broken once it lasted, what waits to be sent, and nothing in the usual short breaks. */
export function ConnectionBanner({ className, ref }: ConnectionBannerProps) {
  const { messages } = useParlor();
  const { phase, queued, refreshMs } = useConnection();
  // A long poll is as current as a socket.
  const isFine = phase === 'live' || (phase === 'polling' && refreshMs === undefined);
  const isShown = useDelayed(!isFine, bannerAfterMs);
  return (
    <div ref={ref} className={className} role="status">
      {isShown && !isFine && (
        <div className="pl-banner" data-kind="connection" data-phase={phase}>
          <Icon name="alert" />
          <span>
            {messages[words[phase]]} {queued > 0 && messages.queued(queued)}
          </span>
        </div>
      )}
    </div>
  );
}
