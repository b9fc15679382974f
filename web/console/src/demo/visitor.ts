const api = '/api/live-chat';
const key = 'parlor.demo.visitor';
const publicKey = 'pk_demo';
/** A token this close to its end is renewed, in ms. */
const renewBeforeMs = 7 * 24 * 60 * 60 * 1000;

export interface Visitor {
  token: string;
  userId: string;
  expiresAt: string;
}

function stored(): Visitor | undefined {
  try {
    const visitor: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    const isVisitor = typeof visitor === 'object' && visitor !== null && 'token' in visitor && 'expiresAt' in visitor;
    return isVisitor ? (visitor as Visitor) : undefined;
  } catch {
    return undefined;
  }
}

async function request(old?: Visitor): Promise<Visitor> {
  const answer = await fetch(`${api}/visitors`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(old && { Authorization: `Bearer ${old.token}` }) },
    body: JSON.stringify({ publicKey }),
  });
  if (!answer.ok) throw new Error(`No visitor: the server answered ${answer.status}.`);
  const visitor = (await answer.json()) as Visitor;
  try {
    localStorage.setItem(key, JSON.stringify(visitor));
  } catch {
    // Storage is blocked: this visitor lasts as long as the page.
  }
  return visitor;
}

async function isAccepted(visitor: Visitor): Promise<boolean> {
  const answer = await fetch(`${api}/me`, { headers: { Authorization: `Bearer ${visitor.token}` } });
  return answer.status !== 401;
}

/**
 * The token of this browser's visitor. Asked for at every connection, so it looks first whether the server still takes
 * the one kept here: a demo server that was set up anew does not know it.
 */
export async function visitorToken(now: () => number = Date.now): Promise<string> {
  const old = stored();
  if (old === undefined || !(await isAccepted(old))) return (await request()).token;
  const isFresh = Date.parse(old.expiresAt) - now() > renewBeforeMs;
  return isFresh ? old.token : (await request(old)).token;
}
