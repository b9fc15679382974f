import { useEffect, useState } from 'react';
import type { LiveChatMessage } from '@parlor/client';
import type { Format } from '../text/format.ts';
import type { Messages } from '../text/messages.ts';
import { announceAfterMs, announcedTextMax } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { wordSystemLine } from './system-message.tsx';

export interface AnnouncerProps {
  conversationId: string;
}

/**
 * The one voice of a thread. The log itself is silent, since a windowed one adds and removes rows while scrolling, and
 * both load what is old; what others write after it was opened is said here, several at once as a number.
 */
export function Announcer({ conversationId }: AnnouncerProps) {
  const { chat, format, messages, side } = useParlor();
  const [said, setSaid] = useState({ turn: 0, text: '' });

  useEffect(() => {
    const thread = chat.messages(conversationId);
    let heardSeq = thread.get().isLoaded ? lastSeq(thread.get().ids) : undefined;
    let hadNewer = thread.get().hasNewer;
    let waiting: LiveChatMessage[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;

    function lastSeq(ids: readonly string[]): number {
      return ids.reduce((last, id) => Math.max(last, chat.message(id).get()?.seq ?? 0), 0);
    }
    const isMine = ({ type, author }: LiveChatMessage) =>
      side === 'user' ? type === 'user' : author.kind === 'agent' && author.id === chat.me.get()?.sub;
    const say = () => {
      timer = undefined;
      const text = word(waiting, chat.conversation(conversationId).get()?.user.name, messages, format);
      setSaid(({ turn }) => ({ turn: turn + 1, text }));
      waiting = [];
    };

    const stop = thread.subscribe(() => {
      const { ids, isLoaded, hasNewer } = thread.get();
      if (!isLoaded) return;
      const before = heardSeq;
      heardSeq = Math.max(before ?? 0, lastSeq(ids.slice(-50)));
      // What closes the gap to the newest ones was written before.
      const isHistory = before === undefined || hadNewer;
      hadNewer = hasNewer;
      if (isHistory || heardSeq === before) return;
      for (const id of ids.slice(-50)) {
        const message = chat.message(id).get();
        if (message !== undefined && message.seq > before && !isMine(message)) waiting.push(message);
      }
      if (waiting.length > 0 && timer === undefined) timer = setTimeout(say, announceAfterMs);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [chat, conversationId, format, messages, side]);

  return (
    <div className="pl-hidden" role="status" aria-live="polite">
      {/* Another node: words that are the same again would not be heard. */}
      <span key={said.turn}>{said.text}</span>
    </div>
  );
}

/** One message as it was said and by whom; several as a number. */
function word(said: readonly LiveChatMessage[], userName: string | undefined, messages: Messages, format: Format): string {
  const [only] = said;
  if (only === undefined || said.length > 1) return messages.announceMany(said.length);
  if (only.type === 'system') return wordSystemLine(only, messages, format);
  const fallback = only.type === 'user' ? userName || messages.visitor : only.author.kind === 'agent' ? messages.agent : messages.bot;
  const name = only.author.name || fallback;
  return messages.announceOne(name, only.text.slice(0, announcedTextMax));
}
