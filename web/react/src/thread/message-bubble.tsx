import type { LiveChatMessage, MessageOption } from '@parlor/client';
import { memo, useState, type ReactNode, type Ref } from 'react';
import { Avatar } from '../avatar.tsx';
import { classNames } from '../class-name.ts';
import { useMe, useMessage } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import { foldedLinesMax, foldedTextMax } from '../limits.ts';
import { LazyMenu } from '../menus/menu-button.tsx';
import { useParlor } from '../provider.tsx';
import { LinkedText } from '../text/links.tsx';
import { Delivery } from './delivery.tsx';
import { SystemMessage } from './system-message.tsx';

export interface MessageBubbleSlots {
  avatar?(message: LiveChatMessage): ReactNode;
  /** In place of the text. */
  text?(message: LiveChatMessage): ReactNode;
  /** After the time and the state. */
  footer?(message: LiveChatMessage): ReactNode;
  /** Beside the bubble, in place of the button of its menu; null for none. */
  actions?(message: LiveChatMessage): ReactNode;
}

export interface MessageBubbleProps {
  id: string;
  /** What the user is called where the message itself does not say. */
  userName?: string | undefined;
  /** First of its author's group: shows name and avatar. */
  isFirst?: boolean;
  /** Makes the quick replies buttons. Without it they are shown as what was offered. */
  onOption?: ((option: MessageOption, message: LiveChatMessage) => void) | undefined;
  /** Opens what may be done with the message, at the button that was pressed. */
  onMenu?: ((id: string, anchor: HTMLElement) => void) | undefined;
  className?: string;
  ref?: Ref<HTMLDivElement>;
  slots?: MessageBubbleSlots | undefined;
}

type AuthorKind = 'user' | 'bot' | 'agent';

/** Also for messages of front ends that know only `type`: an answer without an author is the bot's. */
const kindOf = (message: LiveChatMessage): AuthorKind =>
  message.type === 'user' ? 'user' : message.author.kind === 'agent' ? 'agent' : 'bot';

/** One message: bot and agents at the start, the user at the end, system lines in the middle. */
export const MessageBubble = memo(function MessageBubble(props: MessageBubbleProps) {
  const { id, userName, isFirst = false, onOption, onMenu, className, ref, slots } = props;
  const { side } = useParlor();
  const message = useMessage(id);
  if (message === undefined) return null;
  if (message.type === 'system') return <SystemMessage message={message} />;

  const kind = kindOf(message);
  const isOurs = side === 'user' ? kind === 'user' : kind !== 'user';
  // A bot's answers do not wait for anything; marks under each would only be noise.
  const showsState = isOurs && (kind !== 'bot' || message.state === 'failed');
  return (
    <div
      ref={ref}
      className={classNames('pl-message', className)}
      data-author={kind}
      data-side={kind === 'user' ? 'end' : 'start'}
      data-state={message.state}
      data-first={isFirst || undefined}
    >
      <Author message={message} kind={kind} userName={userName} isFirst={isFirst} avatar={slots?.avatar} />
      <div className="pl-message-main">
        <div className="pl-bubble-line">
          <div className="pl-bubble" dir="auto">
            {slots?.text?.(message) ?? <FoldedText text={message.text} />}
          </div>
          {slots?.actions === undefined ? onMenu && <MenuOpener id={id} onMenu={onMenu} /> : slots.actions(message)}
        </div>
        <Options message={message} onOption={onOption} />
        <Foot message={message} showsState={showsState}>
          {slots?.footer?.(message)}
        </Foot>
      </div>
    </div>
  );
});

/** No stop of the Tab key: there would be one for each message. The log leads here, see `onLogKey`. */
function MenuOpener({ id, onMenu }: { id: string; onMenu: NonNullable<MessageBubbleProps['onMenu']> }) {
  const { messages } = useParlor();
  return (
    <button
      type="button"
      className="pl-button pl-message-menu"
      data-variant="icon"
      tabIndex={-1}
      aria-label={messages.messageActions}
      aria-haspopup="menu"
      onPointerEnter={LazyMenu.prepare}
      onFocus={LazyMenu.prepare}
      onClick={(event) => onMenu(id, event.currentTarget)}
    >
      <Icon name="more" />
    </button>
  );
}

interface AuthorProps {
  message: LiveChatMessage;
  kind: AuthorKind;
  userName: string | undefined;
  isFirst: boolean;
  avatar: MessageBubbleSlots['avatar'];
}

function Author({ message, kind, userName, isFirst, avatar }: AuthorProps) {
  const { messages, side } = useParlor();
  const me = useMe();
  const isMe = kind === 'user' ? side === 'user' : kind === 'agent' && side === 'team' && message.author.id === me?.sub;
  const fallback = { user: userName || messages.visitor, bot: messages.bot, agent: messages.agent }[kind];
  const name = isMe ? messages.you : message.author.name || fallback;
  // A reader of one message at a time hears who wrote it, also inside a group.
  if (!isFirst) return <span className="pl-hidden">{name}</span>;
  return (
    <>
      {kind !== 'user' && (avatar?.(message) ?? <Avatar kind={kind} name={message.author.name ?? fallback} size="small" />)}
      <div className="pl-message-author">
        <bdi>{name}</bdi>
        {kind === 'bot' && <small>{messages.botTag}</small>}
      </div>
    </>
  );
}

function FoldedText({ text }: { text: string }) {
  const { messages } = useParlor();
  const [isOpen, setOpen] = useState(false);
  const isLong = text.length > foldedTextMax || text.split('\n', foldedLinesMax + 2).length > foldedLinesMax + 1;
  return (
    <>
      <div className="pl-bubble-text" data-folded={(isLong && !isOpen) || undefined}>
        <LinkedText text={text} />
      </div>
      {isLong && (
        <button type="button" className="pl-button" data-variant="link" data-unfolds={!isOpen || undefined} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? messages.showLess : messages.showMore}
        </button>
      )}
    </>
  );
}

function Options({ message, onOption }: Pick<MessageBubbleProps, 'onOption'> & { message: LiveChatMessage }) {
  const { messages, side } = useParlor();
  const { options } = message;
  if (options === undefined || options.length === 0) return null;
  if (onOption === undefined) {
    // Who may no longer choose is not shown the choice; an agent sees what was offered.
    if (side === 'user') return null;
    return (
      <ul className="pl-options" aria-label={messages.options}>
        {options.map((option) => (
          <li key={option.id} dir="auto">
            {option.text}
          </li>
        ))}
      </ul>
    );
  }
  return (
    <div className="pl-options" role="group" aria-label={messages.options}>
      {options.map((option) => (
        <button key={option.id} type="button" className="pl-button" dir="auto" onClick={() => onOption(option, message)}>
          {option.text}
        </button>
      ))}
    </div>
  );
}

function Foot({ message, showsState, children }: { message: LiveChatMessage; showsState: boolean; children: ReactNode }) {
  const { format } = useParlor();
  const isPending = showsState && (message.state === 'queued' || message.state === 'sending' || message.state === 'failed');
  return (
    <div className="pl-message-foot">
      {!isPending && (
        <time dateTime={message.timestamp.toISOString()} title={format.full(message.timestamp)}>
          {format.time(message.timestamp)}
        </time>
      )}
      {showsState && <Delivery message={message} />}
      {children}
    </div>
  );
}

