import { createLiveChat } from '@parlor/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Inbox } from './inbox.tsx';
import { onOtherTab, signIn, signOut, takeLinkCode, type Session, type SignIn } from './session.ts';
import { SignedOut } from './signed-out.tsx';

/** `first` is the page's sign-in, begun once outside of rendering: a link's code works a single time. */
export function App({ first }: { first: Promise<Session> }) {
  const [state, setState] = useState<SignIn>();
  const [client, setClient] = useState(() => createLiveChat());

  useEffect(() => {
    let isCurrent = true;
    void first.then((next) => isCurrent && setState(next.state));
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

  const latest = useRef<symbol>(undefined);
  const enter = useCallback(
    (code?: string) => {
      const turn = Symbol('turn');
      latest.current = turn;
      const trade = async () => {
        const next = await signIn(code);
        // Of two links in a row the later one says who it is.
        if (latest.current !== turn) return;
        const before = client.me.get()?.sub;
        if (next.state === 'in' && next.sub !== before) {
          // What runs as somebody else would go on as them. Who signs in again finds their unsent messages.
          if (before === undefined) client.stop();
          else await client.wipe().catch(() => undefined);
          setClient(createLiveChat());
        }
        setState(next.state);
      };
      // The page goes first: nothing may be done as the one and stored as the other.
      setState(undefined);
      void trade();
    },
    [client],
  );

  // A new link opened in this tab changes the fragment and loads nothing.
  useEffect(() => {
    const follow = () => {
      const code = takeLinkCode();
      if (code !== undefined) enter(code);
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [enter]);

  useEffect(
    () =>
      onOtherTab((sub) => {
        if (client.me.get()?.sub !== sub) enter();
      }),
    [client, enter],
  );

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
  if (state !== 'in') return <SignedOut why={state} onRetry={() => (state === 'leaving' ? leave() : enter())} />;
  return <Inbox client={client} onSignOut={leave} />;
}
