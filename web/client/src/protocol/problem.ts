import type { FieldError, Holder, LiveChatConversation, Problem, ProblemCode } from './schema.js';

/** What this client itself reports: no answer came, it was not one of Parlor's, the own doing was in the way. */
export type ClientCode = 'network' | 'unexpected-answer' | 'discarded' | 'outbox-unavailable' | 'outbox-full';

/** What there is to say about a refusal: a problem document, or as much of one as this client knows. */
export type Trouble = Partial<Omit<Problem, 'code'>> & { code: LiveChatError['code']; status: number; title: string };

/** Every error this package hands out, thrown or kept as state. Branch on `code`; `message` is for people. */
export class LiveChatError extends Error {
  override readonly name = 'LiveChatError';
  /** One of `ProblemCode` or `ClientCode`; a newer server may send a code that this version does not know. */
  readonly code: ProblemCode | ClientCode | (string & {});
  /** HTTP status, 0 when there was no answer. */
  readonly status: number;
  readonly requestId?: string;
  /** Which fields were refused and why, as JSON pointers into what was sent. */
  readonly errors?: readonly FieldError[];
  /** With `held-by-another`: who holds the conversation. */
  readonly holder?: Holder;
  /** With `conversation-changed`: the row as the server has it. The client has taken it over already. */
  readonly current?: LiveChatConversation;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;

  constructor(problem: Trouble, retryAfterMs?: number, cause?: unknown) {
    super(problem.detail ?? problem.title, { cause });
    this.code = problem.code;
    this.status = problem.status;
    this.requestId = problem.requestId;
    this.errors = problem.errors;
    this.holder = problem.holder;
    this.current = problem.conversation;
    this.retryAfterMs = retryAfterMs;
  }

  /** True when the same request may succeed later without being changed. */
  get isTemporary(): boolean {
    return this.status < 400 || this.status >= 500 || [401, 408, 425, 429].includes(this.status);
  }
}

/** `error` as a `LiveChatError`: anything unknown means that no answer came. */
export function asLiveChatError(error: unknown): LiveChatError {
  if (error instanceof LiveChatError) return error;
  return new LiveChatError({ code: 'network', status: 0, title: 'The server cannot be reached.' }, undefined, error);
}
