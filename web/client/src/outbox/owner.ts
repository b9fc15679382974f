import type { Me } from '../protocol/schema.js';

/** Whose rows are ours. */
export interface Owner {
  /** Server, role and subject. */
  readonly key: string;
  readonly kid?: string;
  /** Missing until the server has said who this is; nothing is sent before. */
  readonly workspace?: string;
}

const keyOf = (url: string, role: unknown, sub: unknown) => JSON.stringify([url, role, sub]);

export function ownerOfMe(url: string, me: Pick<Me, 'role' | 'sub' | 'workspace'>, kid: string | undefined): Owner {
  return { key: keyOf(url, me.role, me.sub), kid, workspace: me.workspace.id };
}

/** What a token claims, without the server's word: enough to show what waits while nothing answers. */
export function ownerOfToken(url: string, token: string): Owner | undefined {
  try {
    const [header, claims] = token.split('.').slice(0, 2).map(decodePart) as [{ kid?: string }, { role?: string; sub?: string }];
    return claims.sub === undefined ? undefined : { key: keyOf(url, claims.role, claims.sub), kid: header.kid };
  } catch {
    // Not a token of the known form: whose it is the server will say.
    return undefined;
  }
}

function decodePart(text: string): unknown {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Whether an owner key belongs to this server. */
export function isOfServer(url: string, key: string): boolean {
  return key.startsWith(`[${JSON.stringify(url)},`);
}
