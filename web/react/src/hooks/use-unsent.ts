import type { LiveChat, Readable } from '@parlor/client';
import { useMemo } from 'react';
import { useParlor } from '../provider.tsx';
import { useReadable } from './use-readable.ts';

export interface Unsent {
  state: 'failed' | 'waiting';
  /** The last of them. */
  messageId: string;
}

/** This client's messages there that the server has not stored: as text, which is the same while they are. */
function unsentOf(chat: LiveChat, id: string): Readable<string | undefined> {
  const thread = chat.messages(id);
  const waiting = () => {
    const { ids } = thread.get();
    // Unsent ones are the last.
    const from = ids.findLastIndex((each) => (chat.message(each).get()?.seq ?? 1) > 0);
    return ids.slice(from + 1);
  };
  return {
    get() {
      const ids = waiting();
      const isFailed = ids.some((each) => chat.message(each).get()?.state === 'failed');
      return ids.length > 0 ? `${isFailed ? 'failed' : 'waiting'} ${ids.at(-1)}` : undefined;
    },
    subscribe(listener) {
      let stops: (() => void)[] = [];
      const follow = () => {
        stops.forEach((stop) => stop());
        stops = waiting().map((each) => chat.message(each).subscribe(listener));
      };
      const stopThread = thread.subscribe(() => {
        follow();
        listener();
      });
      follow();
      return () => {
        stopThread();
        stops.forEach((stop) => stop());
      };
    },
  };
}

/** What became of what was written there and is not stored yet. */
export function useUnsent(id: string): Unsent | undefined {
  const { chat } = useParlor();
  const unsent = useMemo(() => unsentOf(chat, id), [chat, id]);
  const [state, messageId] = useReadable(unsent)?.split(' ') ?? [];
  return messageId === undefined ? undefined : { state: state as Unsent['state'], messageId };
}
