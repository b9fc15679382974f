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
 * The one voice of a thread. The log itself is silent, since a windowed one adds and removes rows while scrolling;
 * what others write after it was opened is said here, several at once as a number.
 */
export function Announcer({ conversationId }: AnnouncerProps) {
  const { chat, format, messages, side } = useParlor();
  const [text, setText] = useState('');

  useEffect(() => {
    const thread = chat.messages(conversationId);
    let heardSeq = thread.get().isLoaded ? lastSeq(thread.get().ids) : undefined;
    let waiting: LiveChatMessage[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;

    function lastSeq(ids: readonly string[]): number {
      return ids.reduce((last, id) => Math.max(last, chat.message(id).get()?.seq ?? 0), 0);
    }
    const isOthers = (message: LiveChatMessage) =>
      message.type === 'system' || (side === 'user' ? message.type !== 'user' : message.type === 'user');
    const say = () => {
      timer = undefined;
      setText(word(waiting, chat.conversation(conversationId).get()?.user.name, messages, format));
      waiting = [];
    };

    const stop = thread.subscribe(() => {
      const { ids, isLoaded } = thread.get();
      if (!isLoaded) return;
      const before = heardSeq;
      heardSeq = Math.max(before ?? 0, lastSeq(ids.slice(-50)));
      if (before === undefined || heardSeq === before) return;
      for (const id of ids.slice(-50)) {
        const message = chat.message(id).get();
        if (message !== undefined && message.seq > before && isOthers(message)) waiting.push(message);
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
      {text}
    </div>
  );
}

/** One message as it was said and by whom; several as a number. */
function word(said: readonly LiveChatMessage[], userName: string | undefined, messages: Messages, format: Format): string {
  const [only] = said;
  if (only === undefined || said.length > 1) return messages.announceMany(said.length);
  if (only.type === 'system') return wordSystemLine(only, messages, format);
  const name = only.author.name || (only.type === 'user' ? userName || messages.visitor : messages.agent);
  return messages.announceOne(name, only.text.slice(0, announcedTextMax));
}
