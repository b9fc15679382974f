import { expect, test } from 'vitest';
import { createMemoryStorage } from '../src/client.js';
import { createTestServer } from '../src/testing.js';
import { texts, visitor } from './support.js';

test('what waits for a conversation survives a reload onto its thread, which the server does not know yet', async () => {
  const server = createTestServer();
  const storage = createMemoryStorage();
  const first = visitor(server, 'user-1', { storage });
  first.start();
  await server.clock.advance(100);
  server.down();
  const { id } = first.startConversation({ funnelId: 'demo', text: 'hi' });
  first.send(id, { text: 'and more' });
  await server.clock.advance(100);
  first.stop();

  server.up();
  const second = visitor(server, 'user-1', { storage });
  second.start();
  second.open(id);
  await server.clock.advance(60_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(expect.arrayContaining(['hi', 'and more']));
  expect(texts(second, id)).toEqual(server.messages(id).map(({ text }) => text));
  expect(second.connection.get()).toMatchObject({ phase: 'live', queued: 0 });
  second.stop();
});
