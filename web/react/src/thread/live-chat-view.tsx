import type { MessageOption } from '@parlor/client';
import { useCallback, useImperativeHandle, useRef, type ReactNode, type Ref } from 'react';
import { classNames } from '../class-name.ts';
import { createPart } from '../part.tsx';
import { useParlor } from '../provider.tsx';
import { LiveChatComposer } from './live-chat-composer.tsx';
import { LiveChatMessages } from './live-chat-messages.tsx';
import { LiveChatThreadHeader } from './live-chat-thread-header.tsx';
import type { MessageBubbleSlots } from './message-bubble.tsx';
import type { QuestionBarProps } from './question-bar.tsx';
import { TypingIndicator } from './typing-indicator.tsx';

export interface LiveChatViewSlots {
  /** null for none. */
  header?: ReactNode;
  composer?: ReactNode;
  message?: MessageBubbleSlots;
}

export interface LiveChatViewProps {
  conversationId: string;
  onBack?: (() => void) | undefined;
  onTypingChange?: ((isTyping: boolean) => void) | undefined;
  onOption?: ((option: MessageOption) => void) | undefined;
  focusOnOpen?: boolean | undefined;
  /** Opens at this message and lights it up. */
  messageSeq?: number | undefined;
  /** At this private note behind it instead. */
  noteId?: string | undefined;
  /** Another number leads to the same message once more. */
  messageTurn?: number | undefined;
  /** Of the panel beside the thread, if there is one. */
  details?: { isOpen: boolean; onToggle(): void } | undefined;
  className?: string;
  ref?: Ref<HTMLElement>;
  slots?: LiveChatViewSlots | undefined;
}

/** What has to be asked about the conversation, once the code for it is here. */
const LazyQuestion = createPart<QuestionBarProps>(async () => (await import('./question-bar.tsx')).QuestionBar);

/** One conversation: who, the thread, and where to answer. Its parts also stand alone. */
export function LiveChatView(props: LiveChatViewProps) {
  const { conversationId, onBack, onTypingChange, onOption, focusOnOpen, messageSeq, noteId, messageTurn, details, className, ref, slots } = props;
  const { side } = useParlor();
  const root = useRef<HTMLElement>(null);
  useImperativeHandle(ref, () => root.current as HTMLElement, []);
  const choose = useCallback(
    (option: MessageOption) => {
      onOption?.(option);
      // The button goes once it is chosen. A finger gets the thread, since the field would bring up a keyboard.
      const isTouch = window.matchMedia?.('(pointer: coarse)').matches;
      root.current?.querySelector<HTMLElement>(isTouch ? '[role="log"]' : 'textarea')?.focus({ preventScroll: true });
    },
    [onOption],
  );
  return (
    <section ref={root} className={classNames('pl-thread', className)} data-conversation={conversationId}>
      {slots?.header === undefined ? (
        <LiveChatThreadHeader conversationId={conversationId} onBack={onBack} details={details} />
      ) : (
        slots.header
      )}
      {side === 'team' && <LazyQuestion conversationId={conversationId} />}
      <LiveChatMessages conversationId={conversationId} messageSeq={messageSeq} noteId={noteId} messageTurn={messageTurn} onOption={onOption && choose} slots={slots?.message} />
      <TypingIndicator conversationId={conversationId} />
      {slots?.composer === undefined ? (
        <LiveChatComposer key={conversationId} conversationId={conversationId} onTypingChange={onTypingChange} focusOnOpen={focusOnOpen} />
      ) : (
        slots.composer
      )}
    </section>
  );
}

LiveChatView.Header = LiveChatThreadHeader;
LiveChatView.Messages = LiveChatMessages;
LiveChatView.Composer = LiveChatComposer;
