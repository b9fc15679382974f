import { createLiveChat } from '@parlor/client';
import { useCallback, useEffect, useState } from 'react';
import { Inbox } from './inbox.tsx';
import { signIn, signOut, takeLinkCode, type SignIn } from './session.ts';
import { SignedOut } from './signed-out.tsx';

/** `first` is the page's sign-in, begun once outside of rendering: a link's code works a single time. */
export function App({ first }: { first: Promise<SignIn> }) {
  const [state, setState] = useState<SignIn>();
  const [client, setClient] = useState(() => createLiveChat());

  useEffect(() => {
    let isCurrent = true;
    void first.then((next) => isCurrent && setState(next));
    return () => {
      isCurrent = false;
    };
  }, [first]);

  // A session that ended meanwhile, by time or from elsewhere, leads to the door and not to a page of errors.
  useEffect(
    () =>
      client.lastError.subscribe(() => {
        if (client.lastError.get()?.code !== 'unauthenticated') return;
        client.stop();
        setState('out');
      }),
    [client],
  );

  // A new link opened in this tab changes the fragment and loads nothing.
  useEffect(() => {
    const follow = () => {
      const next = takeLinkCode();
      if (next === undefined) return;
      setState(undefined);
      void signIn(next).then(setState);
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);

  const retry = useCallback(() => {
    setState(undefined);
    void signIn(undefined).then(setState);
  }, []);

  const leave = useCallback(() => {
    const end = async () => {
      // Nobody after me on this machine finds my conversations, drafts or unsent messages.
      await client.wipe();
      window.history.replaceState(null, '', '/');
      setClient(createLiveChat());
      setState((await signOut()) ? 'out' : 'leaving');
    };
    // The page goes first: what is mounted would load again.
    setState(undefined);
    void end();
  }, [client]);

  if (state === undefined) return <div className="pl-root door" aria-busy="true" />;
  if (state !== 'in') return <SignedOut why={state} onRetry={() => (state === 'leaving' ? leave() : retry())} />;
  return <Inbox client={client} onSignOut={leave} />;
}
