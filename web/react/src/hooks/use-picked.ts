import type { LiveChatConversation, Readable } from '@parlor/client';
import { useState, useSyncExternalStore } from 'react';
import { useParlor } from '../provider.tsx';

/** Answers with the value before where the new one says the same. */
function keepSame<T>(): (value: T) => T {
  let last: { key: string | undefined; value: T } | undefined;
  return (value) => {
    const key = JSON.stringify(value);
    if (last === undefined || last.key !== key) last = { key, value };
    return last.value;
  };
}

/** What is picked of a readable: renders when that says something else, and for nothing else of it. */
export function usePicked<S, T>(readable: Readable<S>, pick: (value: S) => T): T {
  const [same] = useState(() => keepSame<T>());
  const get = () => same(pick(readable.get()));
  return useSyncExternalStore(readable.subscribe, get, get);
}

export function useConversationPart<T>(id: string, pick: (conversation: LiveChatConversation) => T): T | undefined {
  const { chat } = useParlor();
  return usePicked(chat.conversation(id), (row) => row && pick(row));
}
