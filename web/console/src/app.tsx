import { createLiveChat } from '@parlor/client';
import { useCallback, useEffect, useState } from 'react';
import { Inbox } from './inbox.tsx';
import { signIn, signOut, takeLinkCode, type SignIn } from './session.ts';
import { SignedOut } from './signed-out.tsx';

export function App({ code }: { code: string | undefined }) {
  const [state, setState] = useState<SignIn>();
  const [client, setClient] = useState(() => createLiveChat());

  useEffect(() => {
    let isCurrent = true;
    void firstSignIn(code).then((next) => isCurrent && setState(next));
    return () => {
      isCurrent = false;
    };
  }, [code]);

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

  const leave = useCallback(async () => {
    await signOut().catch(() => undefined);
    // Nobody after me on this machine finds my conversations, drafts or unsent messages.
    await client.wipe();
    window.history.replaceState(null, '', '/');
    setClient(createLiveChat());
    setState('out');
  }, [client]);

  if (state === undefined) return <div className="pl-root door" aria-busy="true" />;
  if (state !== 'in') return <SignedOut why={state} onRetry={retry} />;
  return <Inbox client={client} onSignOut={() => void leave()} />;
}

let first: Promise<SignIn> | undefined;

/** Once a page, also under strict mode: a link's code works a single time. */
function firstSignIn(code: string | undefined): Promise<SignIn> {
  first ??= signIn(code);
  return first;
}
