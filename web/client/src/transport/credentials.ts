/** The token of this user, asked for once and kept until the server refuses it. Nothing where a cookie signs in. */
export interface Credentials {
  get(): Promise<string | undefined>;
  /** `refused` is no good any more: the next `get` asks for another, unless somebody else already did. */
  renew(refused: string | undefined): void;
}

export function createCredentials(
  token: (() => string | Promise<string>) | undefined, issued: (token: string) => void,
): Credentials {
  let current: Promise<string> | undefined;
  let known: string | undefined;
  return {
    async get() {
      if (!token) return undefined;
      current ??= Promise.resolve(token()).then((fresh) => {
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
      if (refused === known) current = undefined;
    },
  };
}
