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
