/**
 * What is kept: messages not stored by the server yet, drafts, who sends for a conversation where locks are missing, and
 * the workspaces of the secrets that signed our tokens.
 */
export type RowKind = 'messages' | 'drafts' | 'leases' | 'keys';

/** One row, plain data. Of one kind, its owner and id are its key. */
export interface StoredRow {
  /** Server, role and subject: another person on the same browser has other rows. */
  readonly owner: string;
  readonly id: string;
  /** Which secret signed the token it was written under, where there was a token. */
  readonly kid?: string;
  /** The workspace, once the server had said which. */
  readonly workspace?: string;
  readonly value: unknown;
}

/** A row as it is from now on; without `value` it is gone. */
export interface StorageChange extends Omit<StoredRow, 'value'> {
  readonly kind: RowKind;
  readonly value?: unknown;
}

/** A small database that all tabs of a browser share. Calls take effect in the order they are made. */
export interface ChatStorage {
  /** The rows of a kind, by id; without `owner` everybody's. */
  list(kind: RowKind, owner?: string): Promise<StoredRow[]>;
  /** All of it or nothing. */
  write(changes: readonly StorageChange[]): Promise<void>;
  /** Puts what `change` makes of a lease in its place, in one step, and answers with it; `undefined` is none. */
  update(owner: string, id: string, change: (value: unknown) => unknown): Promise<unknown>;
  /** Nobody else can have it open: there is nothing to look after that this client did not do. */
  readonly isPrivate?: boolean;
}
