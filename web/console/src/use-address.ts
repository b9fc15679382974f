import { useInboxView, useParlor } from '@parlor/react';
import { useEffect, useState } from 'react';
import { readAddress, writeAddress } from './address.ts';

/** Kept with a step of the browser's history: the address one step back, if this page made both. */
interface Step {
  from: string;
}

const stepOf = (state: unknown): Step | undefined =>
  typeof state === 'object' && state !== null && 'from' in state && typeof state.from === 'string' ? { from: state.from } : undefined;

interface Place {
  conversationId: string | undefined;
  seq: number | undefined;
}

function placeInAddress(): Place {
  const { selectedConversationId, messageSeq } = readAddress(window.location.search);
  return { conversationId: selectedConversationId, seq: messageSeq };
}

/**
 * Keeps address and view the same, both ways. Opening a conversation is a step one can go back from, and closing it goes
 * that step back; filters are none. Answers with the message that the address asks for in the open conversation.
 */
export function useAddress(): number | undefined {
  const { inbox } = useParlor();
  const view = useInboxView();
  const [place, setPlace] = useState(placeInAddress);
  // The place is over once another conversation was opened, or none.
  const isThere = place.conversationId === view.selectedConversationId;
  if (!isThere) setPlace({ conversationId: view.selectedConversationId, seq: undefined });
  const messageSeq = isThere ? place.seq : undefined;

  useEffect(() => {
    const { pathname, search } = window.location;
    const here = pathname + search;
    const next = writeAddress({ ...view, messageSeq });
    if (next === here) return;
    const step = stepOf(window.history.state);
    const before = readAddress(search).selectedConversationId;
    if (before === view.selectedConversationId) window.history.replaceState(step ?? null, '', next);
    // Back in the list by its own button is where the browser's button would lead.
    else if (view.selectedConversationId === undefined && step?.from === next) window.history.back();
    else window.history.pushState({ from: here } satisfies Step, '', next);
  }, [view, messageSeq]);

  useEffect(() => {
    const follow = () => {
      const { messageSeq: seq, ...next } = readAddress(window.location.search);
      setPlace({ conversationId: next.selectedConversationId, seq });
      inbox.replace(next);
    };
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, [inbox]);

  return messageSeq;
}
