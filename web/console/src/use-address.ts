import { useInboxView, useParlor } from '@parlor/react';
import { useEffect } from 'react';
import { readAddress, writeAddress } from './address.ts';
import { placeOf } from './place.ts';

/** Kept with a step of the browser's history: the address one step back, if this page made both. */
interface Step {
  from: string;
}

const stepOf = (state: unknown): Step | undefined =>
  typeof state === 'object' && state !== null && 'from' in state && typeof state.from === 'string' ? { from: state.from } : undefined;

/**
 * Keeps address and view the same, both ways. Opening a conversation is a step one can go back from, and closing it goes
 * that step back; filters and the message it is opened at are none.
 */
export function useAddress(): void {
  const { inbox } = useParlor();
  const view = useInboxView();

  useEffect(() => {
    const { pathname, search } = window.location;
    // A page of the settings was opened a moment ago, and this one is about to go.
    if (placeOf(search) !== 'inbox') return;
    const here = pathname + search;
    const next = writeAddress(view);
    if (next === here) return;
    const step = stepOf(window.history.state);
    const before = readAddress(search).selectedConversationId;
    if (before === view.selectedConversationId) window.history.replaceState(step ?? null, '', next);
    // Back in the list by its own button is where the browser's button would lead.
    else if (view.selectedConversationId === undefined && step?.from === next) window.history.back();
    else window.history.pushState({ from: here } satisfies Step, '', next);
  }, [view]);

  useEffect(() => {
    const follow = () => inbox.replace(readAddress(window.location.search));
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, [inbox]);
}
