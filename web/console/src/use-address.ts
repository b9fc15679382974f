import { useInboxView, useParlor } from '@parlor/react';
import { useEffect } from 'react';
import { readAddress, writeAddress } from './address.ts';

/** Keeps address and view the same, both ways. Opening a conversation is a step one can go back from; filters are not. */
export function useAddress(): void {
  const { inbox } = useParlor();
  const view = useInboxView();

  useEffect(() => {
    const { pathname, search } = window.location;
    const next = writeAddress(view);
    if (next === pathname + search) return;
    const isStep = readAddress(search).selectedConversationId !== view.selectedConversationId;
    window.history[isStep ? 'pushState' : 'replaceState'](null, '', next);
  }, [view]);

  useEffect(() => {
    const follow = () => inbox.replace(readAddress(window.location.search));
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, [inbox]);
}
