import { useEffect, useState } from 'react';
import type { ThreadState } from '../hooks/narrow.ts';
import { useParlor } from '../provider.tsx';

export interface Place {
  /** Whether the rows to begin with are loaded. */
  isReady: boolean;
  /** Another number: begin anew there. */
  turn: number;
}

/** Whether the message with this seq can be shown: the first of several loaded ones serves only the next one. */
function holds(thread: ThreadState, seqOf: (id: string) => number | undefined, seq: number): boolean {
  const index = thread.ids.findIndex((id) => seqOf(id) === seq);
  return index > 0 || (index === 0 && !thread.hasOlder);
}

/** Brings the message to begin with into the loaded part of the thread, and says when it is there. `asked`: another number asks once more. */
export function usePlace(conversationId: string, thread: ThreadState, seq: number | undefined, asked = 0): Place {
  const { chat } = useParlor();
  const [done, setDone] = useState<{ seq: number | undefined; asked: number; turn: number }>({ seq: undefined, asked, turn: 0 });
  // A link that is no longer asked for leaves the reader where they are.
  const isDone = seq === undefined || (done.seq === seq && done.asked === asked);
  const isHere = seq !== undefined && thread.isLoaded && holds(thread, (id) => chat.message(id).get()?.seq, seq);
  if (!isDone && isHere) setDone({ seq, asked, turn: done.turn + 1 });

  const isMissing = thread.isLoaded && !isDone && !isHere;
  useEffect(() => {
    if (!isMissing) return;
    let isWanted = true;
    const arrive = () => {
      if (isWanted) setDone((before) => ({ seq, asked, turn: before.turn + 1 }));
    };
    // Without it, or when it fails, what is loaded is where to begin. The thread says what went wrong.
    const isHead = chat.message(thread.ids[0] ?? '').get()?.seq === seq;
    const coming = isHead ? chat.loadOlder(conversationId) : chat.openAt(conversationId, seq);
    coming.then(arrive, arrive);
    return () => {
      isWanted = false;
    };
    // Asked once for a place, from what was loaded then.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [chat, conversationId, isMissing, seq, asked]);

  // What is on the screen stays while another place of it is fetched.
  return { isReady: isDone || done.turn > 0, turn: done.turn };
}
