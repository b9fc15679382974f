import { expect, test } from 'vitest';
import { createLiveChat } from '../src/client.js';
import { scene } from './support.js';

test('an agent with a token who answers before the server has said who this is, answers as our side', async () => {
  const { server, pass } = scene();
  const id = server.add();
  const token = server.token({ role: 'agent', sub: 'ada', name: 'Ada' });
  const chat = createLiveChat(server.options({ token: () => token }));
  chat.start();
  const { id: messageId } = chat.send(id, { text: 'At once.' });
  await pass(1_000);
  expect(server.messages(id).at(-1)).toMatchObject({ id: messageId, type: 'bot', text: 'At once.' });
  expect(chat.message(messageId).get()).toMatchObject({ type: 'bot' });
  chat.stop();
});

test('what a visitor reads before the server has said who this is, moves their own mark only', async () => {
  const { server, pass } = scene();
  const id = server.add({ messages: ['hi', 'there'] });
  const token = server.token({ role: 'visitor', sub: 'user-1', name: 'User' });
  const chat = createLiveChat(server.options({ token: () => token }));
  // The list is quicker than the socket.
  server.blockSockets();
  chat.start();
  chat.list({ status: 'all' }).subscribe(() => {});
  while (!chat.list({ status: 'all' }).get().isLoaded) await pass(1);
  expect(chat.me.get()).toBeUndefined();
  const { agentLastReadSeq, messageCount } = server.conversation(id);
  chat.markRead(id);
  server.unblockSockets();
  await pass(60_000);
  expect(chat.conversation(id).get()).toMatchObject({ agentLastReadSeq, userLastReadSeq: messageCount });
  chat.stop();
});
