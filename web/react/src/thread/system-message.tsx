import type { LiveChatMessage } from '@parlor/client';
import type { Ref } from 'react';
import { useParlor } from '../provider.tsx';
import type { Format } from '../text/format.ts';
import type { Messages } from '../text/messages.ts';

/** When something is to be, as read from a line of its own day: an instant and not a span, which would grow old. */
function instant(text: string | undefined, from: Date, format: Format): string | undefined {
  const at = new Date(text ?? '');
  if (Number.isNaN(at.getTime())) return undefined;
  return format.sameDay(at, from) ? format.time(at) : format.full(at);
}

/** Words a system line in the reader's language; an unknown code keeps the server's own text. */
export function wordSystemLine({ system, text, timestamp }: LiveChatMessage, messages: Messages, format: Format): string {
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
    case 'closing_soon': {
      const at = instant(params?.['at'], timestamp, format);
      return at === undefined ? text : messages.systemClosingSoon(at);
    }
    default:
      return text;
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
      <span dir="auto">{wordSystemLine(message, messages, format)}</span>
      <time dateTime={message.timestamp.toISOString()} title={format.full(message.timestamp)}>
        {format.time(message.timestamp)}
      </time>
    </div>
  );
}
