import { createLiveChat, type LiveChat, type LiveChatOptions, type Readable } from '../src/client.js';
import { createTestServer, type TestServer, type TestServerOptions } from '../src/testing.js';

export interface Scene {
  server: TestServer;
  chat: LiveChat;
  /** Lets time pass. */
  pass(ms?: number): Promise<void>;
}

/** A server and a client of its agent Ada, not started. */
export function scene(options: LiveChatOptions = {}, serverOptions: TestServerOptions = {}): Scene {
  const server = createTestServer(serverOptions);
  return { server, chat: createLiveChat(server.options(options)), pass: (ms = 50) => server.clock.advance(ms) };
}

/** A visitor's client of `server`. */
export function visitor(server: TestServer, sub = 'user-1', options: LiveChatOptions = {}): LiveChat {
  const token = server.token({ role: 'visitor', sub, name: sub });
  return createLiveChat(server.options({ token: () => token, ...options }));
}

/** Counts what `readable` publishes. */
export function count(readable: Readable<unknown>): { times: number; stop: () => void } {
  const counted = { times: 0, stop: () => {} };
  counted.stop = readable.subscribe(() => (counted.times += 1));
  return counted;
}

export function texts(chat: LiveChat, conversationId: string): string[] {
  return chat.messages(conversationId).get().ids.map((id) => chat.message(id).get()?.text ?? '(gone)');
}

export function states(chat: LiveChat, conversationId: string): string[] {
  return chat.messages(conversationId).get().ids.map((id) => chat.message(id).get()?.state ?? '(gone)');
}

/** What a promise was rejected with, asked for before the time passes in which it is. */
export function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error,
  );
}
