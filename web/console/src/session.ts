const api = '/api/live-chat';

/** `refused`: the link is used up. `leaving`: the server could not be told that the session ends. */
export type SignIn = 'in' | 'out' | 'refused' | 'unreachable' | 'leaving';

/** How a sign-in ended, and as whom. */
export interface Session {
  state: SignIn;
  sub?: string | undefined;
}

/** Takes the one-click code out of the address, so that it stays in no history and no copied link. */
export function takeLinkCode(): string | undefined {
  const code = /^#link=(.+)$/.exec(window.location.hash)?.[1];
  if (code !== undefined) window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return code === undefined ? undefined : decodeURIComponent(code);
}

async function exchange(code: string): Promise<Response> {
  return fetch(`${api}/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code }),
  });
}

const channelName = 'parlor-session';
const openChannel = () => (typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(channelName));

/** The session's cookie is that of every tab, and they go on as whoever they were. */
function tellTabs(sub: string): void {
  const channel = openChannel();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none, a window would.
  channel?.postMessage(sub);
  channel?.close();
}

/** Calls back when a link was traded in another tab, with whom this browser is signed in as since. */
export function onOtherTab(signedIn: (sub: string) => void): () => void {
  const channel = openChannel();
  channel?.addEventListener('message', ({ data }) => signedIn(String(data)));
  return () => channel?.close();
}

/** Whether this browser is signed in, after trading the link's code for a session if there is one. */
export async function signIn(code: string | undefined): Promise<Session> {
  try {
    if (code !== undefined) {
      const answer = await exchange(code);
      if (answer.status === 429 || answer.status >= 500) return { state: 'unreachable' };
      if (!answer.ok) return { state: 'refused' };
    }
    // Not `/me`: its 401 would stand in the browser's console as an error, and that nobody is signed in is none.
    const session = await fetch(`${api}/sessions`);
    if (!session.ok) return { state: 'unreachable' };
    const { me } = (await session.json()) as { me?: { sub: string } };
    if (me === undefined) return { state: 'out' };
    if (code !== undefined) tellTabs(me.sub);
    return { state: 'in', sub: me.sub };
  } catch {
    return { state: 'unreachable' };
  }
}

/** Whether the session is over: ended now, or long since. */
export async function signOut(): Promise<boolean> {
  try {
    // The server asks this content type of every unsafe request that comes with a cookie, body or not.
    const answer = await fetch(`${api}/sessions`, { method: 'DELETE', headers: { 'Content-Type': 'application/json' } });
    return answer.ok || answer.status === 401;
  } catch {
    return false;
  }
}
