import type { LiveChat, LiveChatMessage } from '@parlor/client';
import type { MouseEvent } from 'react';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { Icon } from '../icons.tsx';
import { focusComposer } from '../page/focus.ts';
import { useParlor } from '../provider.tsx';

export interface FailureProps {
  message: LiveChatMessage;
}

/** Refused for what it says or where it goes: the same again would be refused again, so it returns to the field. */
const needsEditing = new Set(['held-by-another', 'validation', 'too-large', 'conversation-archived', 'conversation-closed']);

/** The same words once the conversation is ours, with those that wait behind them: as they are they would be refused again. */
async function takeOverAndSend(chat: LiveChat, { id, conversationId }: LiveChatMessage, from: string) {
  try {
    await chat.take(conversationId, from);
  } catch {
    // Somebody else was faster still. It stays as it is, and the page says who.
    return;
  }
  const { ids } = chat.messages(conversationId).get();
  const unsent = ids.slice(ids.indexOf(id)).flatMap((each) => chat.message(each).get() ?? []).filter(({ seq }) => seq === 0);
  // From the last one, or the next in line would go out before the first.
  for (const each of unsent.toReversed()) chat.discard(each.id);
  for (const { text } of unsent) chat.send(conversationId, { text });
}

/** Why a message was not sent, and what can be done about it. */
export function Failure({ message }: FailureProps) {
  const { chat } = useParlor();
  const words = useAgentWords();
  const { holder, code = '', message: reason = '' } = message.error ?? {};
  const isEditable = needsEditing.has(code);
  // Its buttons go with it: the focus goes on to where one writes, or what is typed next would be commands.
  const discard = ({ currentTarget }: MouseEvent) => {
    focusComposer(currentTarget.closest('[data-conversation]')?.parentElement ?? null, 'reply');
    chat.discard(message.id);
  };
  const edit = (event: MouseEvent) => {
    const draft = chat.draft(message.conversationId).get();
    chat.setDraft(message.conversationId, draft === '' ? message.text : `${message.text}\n${draft}`);
    discard(event);
  };
  return (
    <>
      <Icon name="alert" />
      <span>{holder === undefined ? words.stateFailed(words.problem(code, reason)) : words.stateHeld(holder.name)}</span>
      {holder !== undefined && (
        <button type="button" className="pl-button" data-variant="link" onClick={() => void takeOverAndSend(chat, message, holder.id)}>
          {words.takeOverAndSend}
        </button>
      )}
      <button type="button" className="pl-button" data-variant="link" onClick={isEditable ? edit : () => chat.retry(message.id)}>
        {isEditable ? words.edit : words.retry}
      </button>
      <button type="button" className="pl-button" data-variant="link" onClick={discard}>
        {words.delete}
      </button>
    </>
  );
}
