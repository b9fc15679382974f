import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { createPart } from '../part.tsx';
import { useParlor } from '../provider.tsx';
import type { CannedAnswersProps } from './canned-answers.tsx';

/** Its code comes with the first slash. */
const LazyAnswers = createPart<CannedAnswersProps>(async () => (await import('./canned-answers.tsx')).CannedAnswers);

interface Completion {
  list: ReactNode;
  onKey(event: KeyboardEvent): boolean;
  completion: { listId: string; activeId: string } | undefined;
}

/** A text that begins with a slash offers the saved answers that fit; the chosen one takes its place. */
export function useCannedAnswers(conversationId: string, text: string, setText: (text: string) => void): Completion {
  const { desk, side } = useParlor();
  const listId = useId();
  const keys = useRef<{ onKey(event: KeyboardEvent): boolean }>(null);
  const [activeId, setActiveId] = useState<string>();
  // Escape closes the list for this text; another one opens it anew.
  const [dismissed, setDismissed] = useState<string>();
  const query = side === 'team' && desk !== undefined ? /^\/([^\n]*)$/u.exec(text)?.[1] : undefined;
  if (query === undefined || desk === undefined || dismissed === text) return { list: null, onKey: () => false, completion: undefined };

  return {
    list: (
      <LazyAnswers
        ref={keys}
        desk={desk}
        query={query}
        listId={listId}
        onActive={setActiveId}
        conversationId={conversationId}
        onPick={setText}
      />
    ),
    onKey(event) {
      if (event.nativeEvent.isComposing) return false;
      const isEnter = event.key === 'Enter' && !event.shiftKey;
      if (event.key !== 'Escape' && (keys.current || !isEnter)) return keys.current?.onKey(event) ?? false;
      event.preventDefault();
      // Until the code is here nobody knows whether Enter chooses or sends.
      if (!isEnter) setDismissed(text);
      return true;
    },
    completion: activeId === undefined ? undefined : { listId, activeId },
  };
}
