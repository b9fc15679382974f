import type { LiveChatConversation } from '@parlor/client';
import { useMemo } from 'react';
import { useConversation } from '../hooks/narrow.ts';
import { useConversationPart } from '../hooks/use-picked.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useReadable, afterOthers } from '../hooks/use-readable.ts';
import { earlierShownMax } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { RelativeTime } from '../relative-time.tsx';
import { HandlerChip } from '../thread/handler-chip.tsx';
import { Section } from './section.tsx';

const userOf = ({ userId }: LiveChatConversation) => userId;

/** Everything else this person has talked about here. */
export function EarlierConversations({ id }: { id: string }) {
  const { chat } = useParlor();
  const userId = useConversationPart(id, userOf) ?? '';
  const words = useAgentWords();
  const list = useReadable(useMemo(() => afterOthers(chat.list({ userId, status: 'all', archived: 'all' })), [chat, userId]));
  const others = list.ids.filter((each) => each !== id);
  const left = Math.max(0, list.total - 1 - earlierShownMax);
  return (
    <Section title={words.earlier}>
      {list.isLoaded && others.length === 0 && <p className="pl-muted">{words.earlierEmpty}</p>}
      <ul className="pl-earlier">
        {others.slice(0, earlierShownMax).map((each) => (
          <Earlier key={each} id={each} />
        ))}
      </ul>
      {left > 0 && <p className="pl-muted">{words.earlierMore(left)}</p>}
    </Section>
  );
}

function Earlier({ id }: { id: string }) {
  const { inbox } = useParlor();
  const conversation = useConversation(id);
  if (conversation === undefined) return null;
  return (
    <li>
      <button type="button" onClick={() => inbox.select(id)}>
        <span>
          <bdi>{conversation.lastMessage || conversation.funnelName}</bdi>
        </span>
        <small>
          <HandlerChip conversation={conversation} />
          <RelativeTime at={conversation.lastMessageAt} />
        </small>
      </button>
    </li>
  );
}
