/** A server under test, with data of its own. */
export interface Server {
  readonly kind: 'model' | 'binary';
  /** Where it listens, or did. */
  readonly port: number;
  readonly isUp: boolean;
  /** When its clock says it began, in milliseconds since 1970. */
  readonly beginMs: number;
  token(role: string, sub: string, ttlS: number): Promise<string>;
  /** Kills it: nothing but its data is left. */
  kill(): Promise<void>;
  /** Kills it, and leaves its data as a restore would, where that can be had: nobody can resume. */
  restore(): Promise<void>;
  start(): Promise<void>;
  /** Lets time pass for it, where its time can be driven. */
  pass(ms: number): Promise<void>;
  /** Resolves when it has done all it had to do. */
  quiet(): Promise<void>;
  /** Ends it and forgets its data. Answers with what is wrong with what it stored, where the store can be asked. */
  close(): Promise<string | undefined>;
}
