import type { LiveChatMessage } from '@parlor/client';
import { useMemo } from 'react';
import { useReadable } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { createPart } from '../part.tsx';
import { useParlor } from '../provider.tsx';
import type { FailureProps } from './failure.tsx';

/** Its code comes with the first refusal, which came over the same network. */
const LazyFailure = createPart<FailureProps>(async () => (await import('./failure.tsx')).Failure);

/** Where a message of this side stands, in words where something is pending, as a mark where all is well. */
export function Delivery({ message }: { message: LiveChatMessage }) {
  const { messages } = useParlor();
  switch (message.state) {
    case 'failed':
      return <LazyFailure message={message} />;
    case 'queued':
      return <Queued message={message} />;
    case 'sending':
      return (
        <>
          <Icon name="clock" />
          <span>{messages.stateSending}</span>
        </>
      );
    default:
      return (
        <>
          <Icon name={message.state === 'read' ? 'checks' : 'check'} />
          <span className="pl-hidden">{message.state === 'read' ? messages.stateRead : messages.stateSent}</span>
        </>
      );
  }
}

/** Order is kept: behind a failed message nothing is sent until somebody decides about it. */
function Queued({ message }: { message: LiveChatMessage }) {
  const { messages } = useParlor();
  const isBlocked = useIsBlocked(message);
  return (
    <>
      <Icon name={isBlocked ? 'alert' : 'clock'} />
      <span>{isBlocked ? messages.stateBlocked : messages.stateQueued}</span>
    </>
  );
}

function useIsBlocked({ id, conversationId }: LiveChatMessage): boolean {
  const { chat } = useParlor();
  const blocked = useMemo(() => {
    const thread = chat.messages(conversationId);
    const ahead = () => {
      const { ids } = thread.get();
      const unsent = ids.slice(0, ids.indexOf(id));
      return unsent.slice(unsent.findLastIndex((each) => (chat.message(each).get()?.seq ?? 0) > 0) + 1);
    };
    return {
      get: () => ahead().some((each) => chat.message(each).get()?.state === 'failed'),
      subscribe(listener: () => void) {
        const stops = [thread, ...ahead().map((each) => chat.message(each))].map((each) => each.subscribe(listener));
        return () => stops.forEach((stop) => stop());
      },
    };
  }, [chat, conversationId, id]);
  return useReadable(blocked);
}
