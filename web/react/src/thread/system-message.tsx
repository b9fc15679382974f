import type { LiveChatMessage, SystemLine } from '@parlor/client';
import type { Ref } from 'react';
import { useParlor } from '../provider.tsx';
import type { Messages } from '../text/messages.ts';

/** Words a system line in the reader's language; an unknown code keeps the server's own text. */
export function wordSystemLine(system: SystemLine | undefined, fallback: string, messages: Messages): string {
  const params = system?.params;
  switch (system?.code) {
    case 'conversation_closed':
      return messages.systemClosed(params?.['reason']);
    case 'conversation_reopened':
      return messages.systemReopened;
    case 'agent_joined':
      return messages.systemAgentJoined(params?.['name'] ?? messages.agent);
    case 'agent_left':
      return messages.systemAgentLeft(params?.['name'] ?? messages.agent);
    case 'handed_to_queue':
      return messages.systemHandedToQueue;
    default:
      return fallback;
  }
}

export interface SystemMessageProps {
  message: LiveChatMessage;
  className?: string;
  ref?: Ref<HTMLDivElement>;
}

export function SystemMessage({ message, className = '', ref }: SystemMessageProps) {
  const { format, messages } = useParlor();
  return (
    <div ref={ref} className={`pl-system ${className}`} data-code={message.system?.code}>
      <span dir="auto">{wordSystemLine(message.system, message.text, messages)}</span>
      <time dateTime={message.timestamp.toISOString()} title={format.full(message.timestamp)}>
        {format.time(message.timestamp)}
      </time>
    </div>
  );
}
