import { REQUEST_TIMEOUT_MS } from '../limits.js';
import type { ChangeList } from '../protocol/events.js';
import { asLiveChatError, LiveChatError, trouble } from '../protocol/problem.js';
import type {
  ConversationAnswer, ConversationList, Funnel, Me, MessageList, PatchConversations, PostMessage,
  PostMessageAnswer, Problem, StartConversation, StartConversationAnswer,
} from '../protocol/schema.js';
import type { Clock } from './clock.js';
import type { Credentials } from './credentials.js';

export const BASE_PATH = '/api/live-chat';

export interface RestOptions {
  url: string;
  fetch: typeof fetch;
  clock: Clock;
  credentials: Credentials;
  /** Changes with the person: answers to the one before are void. */
  generation(): number;
}

export type Rest = ReturnType<typeof createRest>;

/** Calls of the HTTP API. Every failure is a `LiveChatError`; an expired token is renewed and tried once more. */
export function createRest({ url, fetch, clock, credentials, generation }: RestOptions) {
  async function attempt(method: string, path: string, body: unknown, signal: AbortSignal, token?: string, isText = false) {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const response = await fetch(url + BASE_PATH + path, {
      // What was put off until the page goes outlives it.
      keepalive: method === 'DELETE',
      method, headers, signal, credentials: 'same-origin', body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw refusal(response, text, clock.now());
    // Of JSON lines the whole is none.
    if (isText || response.headers.get('content-type')?.includes('ndjson')) return text;
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  async function call<T>(method: string, path: string, body?: unknown, outer?: AbortSignal, heldMs = 0, isText = false): Promise<T> {
    const asked = generation();
    const abort = new AbortController();
    const stop = () => abort.abort();
    const cancel = clock.after(REQUEST_TIMEOUT_MS + heldMs, stop);
    outer?.addEventListener('abort', stop);
    try {
      let token: string | undefined;
      const ask = async () => {
        token = await credentials.get();
        // Whoever's token comes now, this was asked by somebody else.
        if (asked !== generation()) throw unexpected(0);
        return attempt(method, path, body, abort.signal, token, isText);
      };
      const answer = await ask().catch((error: unknown) => {
        if (token === undefined || asLiveChatError(error).status !== 401) throw error;
        credentials.renew(token);
        return ask();
      });
      if (asked !== generation()) throw unexpected(0);
      return answer as T;
    } catch (error) {
      // A SyntaxError is an answer that is not JSON.
      throw error instanceof SyntaxError ? unexpected(0) : asLiveChatError(error);
    } finally {
      cancel();
      outer?.removeEventListener('abort', stop);
    }
  }

  // Conversations come without messages: those have their own call, and their own cursor.
  const conversation = (id: string, action = '') => `/conversations/${encodeURIComponent(id)}${action}?messages=0`;
  return {
    listConversations: (query: string, signal?: AbortSignal) =>
      call<ConversationList>('GET', `/conversations?messages=0&${query}`, undefined, signal),
    updateConversation: (patch: PatchConversations) =>
      call<ConversationAnswer>('PATCH', '/conversations?messages=0', patch),
    getConversation: (id: string) => call<ConversationAnswer>('GET', conversation(id)),
    listMessages: (id: string, query: string) => call<MessageList>('GET', `${conversation(id, '/messages')}&${query}`),
    sendMessage: (message: PostMessage) => call<PostMessageAnswer>('POST', '/messages?messages=0', message),
    startConversation: (start: StartConversation) =>
      call<StartConversationAnswer>('POST', '/conversations?messages=0', start),
    markRead: (id: string, seq: number, back: boolean) =>
      call<ConversationAnswer>('POST', conversation(id, '/read'), { seq, back }),
    takeConversation: (id: string, from?: string) => call<ConversationAnswer>('POST', conversation(id, '/take'), { from }),
    giveBackConversation: (id: string) => call<ConversationAnswer>('POST', conversation(id, '/give-back'), {}),
    getFunnel: (id: string) => call<Funnel>('GET', `/funnels/${encodeURIComponent(id)}`),
    /** What changed on a topic, at once or within `wait` seconds; without `since` nothing but where it stands. */
    listChanges: (topic: string, since: string | undefined, wait: number, signal?: AbortSignal) =>
      call<ChangeList>('GET', `/changes?topic=${topic}&wait=${wait}${since === undefined ? '' : `&since=${encodeURIComponent(since)}`}`,
        undefined, signal, wait * 1000),
    getMe: () => call<Me>('GET', '/me'),
    request: <T>(method: string, path: string, body?: unknown) => call<T>(method, path, body),
    /** An answer that is not JSON, as it is. */
    getText: (path: string) => call<string>('GET', path, undefined, undefined, 0, true),
  };
}

/** An answer that is not one of Parlor's: a proxy's page, most of the time. */
export function unexpected(status: number): LiveChatError {
  return trouble('unexpected-answer', 'The answer did not come from Parlor.', status);
}

function refusal(response: Response, text: string, nowMs: number): LiveChatError {
  try {
    const problem = JSON.parse(text) as Problem;
    if (typeof problem.code !== 'string') return unexpected(response.status);
    const after = response.headers.get('retry-after') ?? '';
    // Seconds, or (from a proxy) a date.
    const waitMs = Number(after) * 1000 || Date.parse(after) - nowMs;
    return new LiveChatError({ ...problem, status: response.status }, waitMs > 0 ? waitMs : undefined);
  } catch {
    return unexpected(response.status);
  }
}
