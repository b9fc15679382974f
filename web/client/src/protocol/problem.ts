import type { FieldError, Holder, LiveChatConversation, Problem, ProblemCode } from './schema.js';

/** What this client itself reports: no answer came, it was not one of Parlor's, the own doing was in the way. */
export type ClientCode = 'network' | 'unexpected-answer' | 'discarded' | 'outbox-unavailable' | 'outbox-full';

/** What there is to say about a refusal: a problem document, or as much of one as this client knows. */
export type Trouble = Partial<Omit<Problem, 'code'>> & { code: LiveChatError['code']; status: number; title: string };

/** Every error this package hands out, thrown or kept as state. Branch on `code`; `message` is for people. */
export class LiveChatError extends Error {
  override readonly name = 'LiveChatError';
  /** One of `ProblemCode` or `ClientCode`; a newer server may send a code that this version does not know. */
  declare readonly code: ProblemCode | ClientCode | (string & {});
  /** HTTP status, 0 when there was no answer. */
  declare readonly status: number;
  declare readonly requestId?: string;
  /** Which fields were refused and why, as JSON pointers into what was sent. */
  declare readonly errors?: readonly FieldError[];
  /** With `held-by-another`: who holds the conversation. */
  declare readonly holder?: Holder;
  /** With `conversation-changed`: the row as the server has it. The client has taken it over already. */
  declare readonly current?: LiveChatConversation;
  /** How long the server asked to wait, in milliseconds. */
  declare readonly retryAfterMs?: number;

  constructor({ code, status, title, detail, requestId, errors, holder, conversation }: Trouble, retryAfterMs?: number, cause?: unknown) {
    super(detail ?? title, { cause });
    Object.assign(this, { code, status, requestId, errors, holder, current: conversation, retryAfterMs });
  }

  /** True when the same request may succeed later without being changed. */
  get isTemporary(): boolean {
    if (this.status < 400 || this.status >= 500 || [401, 408, 425, 429].includes(this.status)) return true;
    // A proxy's own page, as during a deploy.
    return this.status === 404 && this.code === 'unexpected-answer';
  }
}

/** What this client reports itself. */
export function trouble(code: ClientCode | ProblemCode, title: string, status = 0, cause?: unknown): LiveChatError {
  return new LiveChatError({ code, status, title }, undefined, cause);
}

/** `error` as a `LiveChatError`: anything unknown means that no answer came. */
export function asLiveChatError(error: unknown): LiveChatError {
  if (error instanceof LiveChatError) return error;
  return trouble('network', 'The server cannot be reached.', 0, error);
}
