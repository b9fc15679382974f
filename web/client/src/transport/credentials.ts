import { TOKEN_TIMEOUT_MS } from '../limits.js';
import type { Clock } from './clock.js';
import { timely } from './timely.js';

/** The token of this user, asked for once and kept until the server refuses it. Nothing where a cookie signs in. */
export interface Credentials {
  get(): Promise<string | undefined>;
  /** `refused` is no good any more: the next `get` asks for another, unless somebody else already did. */
  renew(refused: string | undefined): void;
}

export function createCredentials(
  token: (() => string | Promise<string>) | undefined, clock: Clock, issued: (token: string) => void,
): Credentials {
  let current: Promise<string> | undefined;
  let known: string | undefined;
  return {
    async get() {
      if (!token) return undefined;
      // A host that never answers would stop everything, the conversation's lock included.
      current ??= timely(clock, Promise.resolve(token()), TOKEN_TIMEOUT_MS).then((fresh) => {
        issued(fresh);
        return (known = fresh);
      });
      try {
        return await current;
      } catch (error) {
        current = undefined;
        throw error;
      }
    },
    renew(refused) {
      // Whatever else comes back refused with it finds another on its way.
      if (refused === known) current = known = undefined;
    },
  };
}
