import { useEffect, useState } from 'react';
import type { LiveChatMessage } from '@parlor/client';
import { announceAfterMs, announcedTextMax } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { wordSystemLine } from './system-message.tsx';

/**
 * The one voice of a thread. The log itself is silent, since a windowed one adds and removes rows while scrolling;
 * what others write after it was opened is said here, several at once as a number.
 */
export function Announcer({ conversationId }: { conversationId: string }) {
  const { chat, messages, side } = useParlor();
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
    const nameOf = ({ author, type }: LiveChatMessage) =>
      author.name || (type === 'user' ? chat.conversation(conversationId).get()?.user.name || messages.visitor : messages.agent);
    const say = () => {
      timer = undefined;
      const [only] = waiting;
      if (only !== undefined && waiting.length === 1) {
        const said = only.type === 'system' ? wordSystemLine(only.system, only.text, messages) : only.text.slice(0, announcedTextMax);
        setText(only.type === 'system' ? said : messages.announceOne(nameOf(only), said));
      } else {
        setText(messages.announceMany(waiting.length));
      }
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
      if (waiting.length > 0) timer ??= setTimeout(say, announceAfterMs);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [chat, conversationId, messages, side]);

  return (
    <div className="pl-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
