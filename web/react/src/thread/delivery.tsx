import type { LiveChatMessage } from '@parlor/client';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';

/** Where a message of this side stands, in words where something is pending, as a mark where all is well. */
export function Delivery({ message }: { message: LiveChatMessage }) {
  const { messages } = useParlor();
  switch (message.state) {
    case 'failed':
      return <Failure message={message} />;
    case 'queued':
    case 'sending':
      return (
        <>
          <Icon name="clock" />
          <span>{message.state === 'queued' ? messages.stateQueued : messages.stateSending}</span>
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

/** Refused for what it says or where it goes: the same again would be refused again, so it returns to the field. */
const needsEditing = new Set(['held-by-another', 'validation', 'too-large', 'conversation-archived', 'conversation-closed']);

function Failure({ message }: { message: LiveChatMessage }) {
  const { chat, messages } = useParlor();
  const { holder, code = '', message: reason = '' } = message.error ?? {};
  const isEditable = needsEditing.has(code);
  const edit = () => {
    const draft = chat.draft(message.conversationId).get();
    chat.setDraft(message.conversationId, draft === '' ? message.text : `${message.text}\n${draft}`);
    chat.discard(message.id);
  };
  return (
    <>
      <Icon name="alert" />
      <span>{holder === undefined ? messages.stateFailed(messages.problem(code, reason)) : messages.stateHeld(holder.name)}</span>
      <button type="button" className="pl-button" data-variant="link" onClick={() => (isEditable ? edit() : chat.retry(message.id))}>
        {isEditable ? messages.edit : messages.retry}
      </button>
      <button type="button" className="pl-button" data-variant="link" onClick={() => chat.discard(message.id)}>
        {messages.delete}
      </button>
    </>
  );
}
