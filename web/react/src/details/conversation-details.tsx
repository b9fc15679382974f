import type { LiveChatConversation } from '@parlor/client';
import { useEffect, useRef, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { Avatar } from '../avatar.tsx';
import { classNames } from '../class-name.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useNow } from '../hooks/use-now.ts';
import { useConversationPart } from '../hooks/use-picked.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';
import { LastSeen, RelativeTime } from '../relative-time.tsx';
import { LinkedText } from '../text/links.tsx';
import { Deleting } from './deleting.tsx';
import { EarlierConversations } from './earlier-conversations.tsx';
import { languageName, timeIn } from './elsewhere.ts';
import { fieldsOf, pageOf } from './facts.ts';
import { FunnelPath } from './funnel-path.tsx';
import { LabelsEditor } from './labels-editor.tsx';
import { Section } from './section.tsx';
import { WhatNext } from './what-next.tsx';

export interface ConversationDetailsProps {
  conversationId: string;
  /** Shows a button that closes the panel. */
  onClose?: (() => void) | undefined;
  /** Covers the thread: takes the focus, and Escape closes it. */
  isSheet?: boolean | undefined;
  className?: string;
  ref?: Ref<HTMLElement>;
  /** Before and after our own sections. */
  slots?: { start?: ReactNode; end?: ReactNode } | undefined;
}

const nameOf = ({ user }: LiveChatConversation) => user.name;

/** What is known about the person and the conversation, beside the thread. Each part follows only what it shows: most messages change none. */
export function ConversationDetails({ conversationId, onClose, isSheet = false, className, ref, slots }: ConversationDetailsProps) {
  const words = useAgentWords();
  const given = useConversationPart(conversationId, nameOf);
  const name = given || words.visitor;
  const closer = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isSheet) closer.current?.focus();
  }, [isSheet]);
  function onKeyDown(event: KeyboardEvent) {
    if (!isSheet || event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    onClose?.();
  }
  return (
    // The keys of what is in it bubble to here.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside ref={ref} className={classNames('pl-details', className)} aria-label={words.detailsOf(name)} onKeyDown={onKeyDown}>
      {onClose && (
        <button ref={closer} type="button" className="pl-button pl-details-close" data-variant="icon" aria-label={words.closeDetails} onClick={onClose}>
          <Icon name="cross" />
        </button>
      )}
      {given !== undefined && (
        <>
          <Person id={conversationId} name={name} />
          {slots?.start}
          <WhatNext id={conversationId} />
          <LabelsEditor id={conversationId} />
          <FunnelPath id={conversationId} />
          <Captured id={conversationId} />
          <Facts id={conversationId} />
          <EarlierConversations id={conversationId} />
          {slots?.end}
          <Deleting id={conversationId} />
        </>
      )}
    </aside>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{children}</bdi>
      </dd>
    </div>
  );
}

const personOf = (conversation: LiveChatConversation) => {
  const { user, userId, locale } = conversation;
  return { user, userId, locale: user.locale ?? locale, page: pageOf(conversation) };
};

function Person({ id, name }: { id: string; name: string }) {
  const { format } = useParlor();
  const words = useAgentWords();
  const person = useConversationPart(id, personOf);
  if (person === undefined) return null;
  const { user, userId, locale, page } = person;
  const unknown = <span className="pl-muted">{words.detailsUnknown}</span>;
  return (
    <section className="pl-details-part" aria-label={words.detailsPerson}>
      <div className="pl-details-person">
        <Avatar kind="user" name={user.name} src={user.avatar} isOnline={user.isOnline} />
        <div>
          <strong dir="auto">{name}</strong>
          <p>{user.isOnline ? words.online : user.lastSeen ? <LastSeen at={user.lastSeen} /> : null}</p>
        </div>
      </div>
      <dl>
        <Fact name={words.detailsEmail}>{user.email ? <LinkedText text={user.email} /> : unknown}</Fact>
        <Fact name={words.personId}>{userId}</Fact>
        <Fact name={words.detailsLocalTime}>{user.timezone ? <LocalTime zone={user.timezone} /> : unknown}</Fact>
        {locale && <Fact name={words.detailsLanguage}>{languageName(format.locale, locale)}</Fact>}
        <Fact name={words.detailsPage}>{page ? <LinkedText text={page} /> : unknown}</Fact>
      </dl>
    </section>
  );
}

/** What time it is there: whether one may expect an answer, or calls somebody at night. */
function LocalTime({ zone }: { zone: string }) {
  const { format } = useParlor();
  const now = useNow();
  const time = timeIn(format.locale, now, zone);
  return (
    <>
      {time !== undefined && <time dateTime={now.toISOString()}>{time}</time>} <span className="pl-muted">{zone.replaceAll('_', ' ')}</span>
    </>
  );
}

function Captured({ id }: { id: string }) {
  const words = useAgentWords();
  const fields = useConversationPart(id, fieldsOf) ?? [];
  return (
    <Section title={words.captured}>
      {fields.length === 0 ? (
        <p className="pl-muted">{words.capturedEmpty}</p>
      ) : (
        <dl>
          {fields.map(({ name, value }) => (
            <Fact key={name} name={name}>
              <LinkedText text={value} />
            </Fact>
          ))}
        </dl>
      )}
    </Section>
  );
}

const factsOf = ({ funnelName, startedAt, previousId }: LiveChatConversation) => ({ funnelName, startedAt, previousId });
const countOf = ({ messageCount }: LiveChatConversation) => messageCount;

/** A component of its own: it is all that every message changes here. */
const MessageCount = ({ id }: { id: string }) => useConversationPart(id, countOf);

function Facts({ id }: { id: string }) {
  const { inbox } = useParlor();
  const words = useAgentWords();
  const facts = useConversationPart(id, factsOf);
  if (facts === undefined) return null;
  const { funnelName, startedAt, previousId } = facts;
  return (
    <Section title={words.detailsConversation}>
      <dl>
        <Fact name={words.detailsFunnel}>{funnelName}</Fact>
        <Fact name={words.detailsStarted}>
          <RelativeTime at={startedAt} />
        </Fact>
        <Fact name={words.detailsMessages}><MessageCount id={id} /></Fact>
      </dl>
      {previousId !== undefined && (
        <button type="button" className="pl-button" data-variant="link" onClick={() => inbox.select(previousId)}>
          {words.detailsPrevious}
        </button>
      )}
    </Section>
  );
}
