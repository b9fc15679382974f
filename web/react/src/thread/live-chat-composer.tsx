import type { LiveChat, LiveChatConversation } from '@parlor/client';
import { useEffect, useState, type ReactNode, type Ref } from 'react';
import { useConversation, useDraft, useMe, useTyping, useUserName } from '../hooks/narrow.ts';
import { createPart } from '../part.tsx';
import { useParlor } from '../provider.tsx';
import { Composer } from './composer.tsx';
import type { TeamComposerProps } from './team-composer.tsx';
import { useCannedAnswers } from './use-canned-answers.tsx';

export interface LiveChatComposerProps {
  conversationId: string;
  onTypingChange?: ((isTyping: boolean) => void) | undefined;
  focusOnOpen?: boolean | undefined;
  placeholder?: string;
  className?: string;
  ref?: Ref<HTMLTextAreaElement>;
}

/**
 * Who this agent believes to answer. The server refuses the message if that changed meanwhile, so two people do not
 * answer at once without knowing. With messages still on their way the holder will be this agent.
 */
function expectedHolder(chat: LiveChat, conversation: LiveChatConversation | undefined, me: string | undefined) {
  if (conversation === undefined || me === undefined || conversation.status === 'closed') return undefined;
  const { ids } = chat.messages(conversation.id).get();
  const last = ids[ids.length - 1];
  if (last !== undefined && chat.message(last).get()?.seq === 0) return undefined;
  return conversation.handler === 'agent' ? conversation.assignee?.id : conversation.handler;
}

/** What agents write with: its code is fetched with the page. */
export const LazyTeamComposer = createPart<TeamComposerProps>(async () => (await import('./team-composer.tsx')).TeamComposer);

/** Writes into a conversation, to the user or, for the team alone, a note. Each keeps its own draft. */
export function LiveChatComposer(props: LiveChatComposerProps) {
  const { side } = useParlor();
  const [isNote, setNote] = useState(false);
  // Who chose with a pointer wants to write next; who goes through the choices with arrows stays in them.
  const [focusOnOpen, setFocus] = useState(props.focusOnOpen);
  const canNote = side === 'team';
  function choose(next: boolean, isPointed: boolean) {
    setFocus(isPointed);
    setNote(next);
  }
  return (
    <>
      {canNote && <LazyTeamComposer {...props} focusOnOpen={focusOnOpen} isNote={isNote} onChoose={choose} />}
      {!(canNote && isNote) && <ReplyComposer {...props} focusOnOpen={focusOnOpen} />}
    </>
  );
}

/** Keeps its draft, tells others that somebody writes, and says who else answers. */
function ReplyComposer({ conversationId, onTypingChange, focusOnOpen, placeholder, className = '', ref }: LiveChatComposerProps) {
  const { chat, messages, side } = useParlor();
  const name = useUserName(conversationId);
  const me = useMe()?.sub;
  const [draft, setDraft] = useDraft(conversationId);
  const answers = useCannedAnswers(conversationId, draft, setDraft);

  const setTyping = (isTyping: boolean) => {
    chat.setTyping(conversationId, isTyping);
    onTypingChange?.(isTyping);
  };
  // Leaving the conversation is the end of typing in it.
  useEffect(() => () => chat.setTyping(conversationId, false), [chat, conversationId]);

  function send(text: string) {
    const conversation = chat.conversation(conversationId).get();
    const ifHolder = side === 'team' ? expectedHolder(chat, conversation, me) : undefined;
    // The note under the field says so: writing brings it back, out of the archive too.
    const reopen = side === 'team' && conversation?.isArchived === true;
    chat.send(conversationId, { text, ...(ifHolder !== undefined && { ifHolder }), ...(reopen && { reopen }) });
    setTyping(false);
  }

  return (
    <Composer
      ref={ref}
      className={className}
      value={draft}
      label={side === 'team' ? messages.composerLabel(name ?? messages.visitor) : messages.composerPlaceholder}
      placeholder={placeholder}
      focusOnOpen={focusOnOpen}
      note={<Hint conversationId={conversationId} me={me} />}
      before={answers.list}
      onKey={answers.onKey}
      completion={answers.completion}
      onChange={(text) => {
        setDraft(text);
        setTyping(text.trim() !== '');
      }}
      onSend={send}
      onBlur={() => setTyping(false)}
    />
  );
}

function Hint({ conversationId, me }: { conversationId: string; me: string | undefined }): ReactNode {
  const { messages, side } = useParlor();
  const conversation = useConversation(conversationId);
  const replying = useTyping(conversationId).filter(({ kind }) => side === 'team' && kind === 'agent');
  if (conversation === undefined) return <span />;
  if (replying.length > 0) return <strong role="status">{messages.composerReplying(replying.map(({ name }) => name ?? messages.agent))}</strong>;
  if (conversation.status === 'closed') return <span>{messages.composerClosed}</span>;
  const { assignee, handler } = conversation;
  if (side === 'team' && handler === 'agent' && assignee !== undefined && assignee.id !== me) {
    return <strong>{messages.composerHeld(assignee.name)}</strong>;
  }
  return <span />;
}
