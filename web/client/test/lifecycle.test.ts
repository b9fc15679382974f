import { expect, test } from 'vitest';
import { createDesk } from '../src/desk.js';
import { refusal, scene, texts, visitor } from './support.js';

const minute = 60_000;
const day = 86_400_000;
const admin = { role: 'admin', sub: 'ada', name: 'Ada' } as const;

function desk(cookie: Parameters<typeof scene>[1] = { cookie: admin }) {
  const here = scene({}, cookie);
  return { ...here, desk: createDesk(here.chat, { clock: here.server.clock, random: () => 0.5 }) };
}

test('settings show at once, are taken back when refused with the fields named, and follow other admins', async () => {
  const { server, chat, pass, desk: { lifecycle: { settings, putSettings } } } = desk();
  settings.subscribe(() => {});
  chat.start();
  chat.list().subscribe(() => {});
  await pass();
  const first = settings.get();
  if (!first) throw new Error('no settings');
  const inboxes = { default: { ...first.inboxes.default, botIdleS: 600 } };
  const saved = putSettings({ ...first, inboxes, funnels: { demo: { teamIdleS: 'off' } } });
  expect(settings.get()).toMatchObject({ inboxes: { default: { botIdleS: 600 } }, funnels: { demo: { teamIdleS: 'off' } } });
  await pass();
  await saved;
  expect(settings.get()?.version).toBe(first.version + 1);

  const failed = refusal(putSettings({ inboxes: { default: { ...inboxes.default, botIdleS: 1 } }, funnels: {} }));
  expect(settings.get()?.inboxes.default.botIdleS).toBe(1);
  await pass();
  expect(await failed).toMatchObject({ code: 'validation', errors: [{ pointer: '/inboxes/default/botIdleS' }] });
  expect(settings.get()?.inboxes.default.botIdleS).toBe(600);

  server.setSettings({ policy: { userIdleS: 60 } });
  await pass();
  expect(settings.get()?.inboxes.default.userIdleS).toBe(60);
  const stale = refusal(putSettings({ version: first.version, inboxes, funnels: {} }));
  await pass();
  expect(await stale).toMatchObject({ code: 'settings-changed' });
});

test('the progress of a change is looked at until it is through, the clock as long as somebody looks', async () => {
  const { server, chat, pass, desk: { lifecycle: { settings, goOn } } } = desk();
  const stop = settings.subscribe(() => {});
  chat.start();
  await pass();
  const asked = () => server.requests.filter((request) => request === 'GET /settings').length;
  server.setSettings({ redating: { done: 10, total: 100 }, clock: { runningS: 5, isPaused: true, pausedAt: '2026-01-01T00:00:00.000Z', disagreementS: 3600 } });
  await pass(31_000);
  expect(settings.get()).toMatchObject({ redating: { done: 10, total: 100 }, clock: { isPaused: true, pausedAt: new Date('2026-01-01') } });
  const before = asked();
  await pass(5_000);
  expect(asked() - before).toBe(5);
  server.setSettings({ redating: undefined });
  await pass(1_100);
  expect(settings.get()?.redating).toBeUndefined();
  const on = goOn();
  expect(settings.get()?.clock.isPaused).toBe(false);
  await pass();
  await on;
  expect(server.clock.waiting).toBeGreaterThan(0);
  stop();
  const after = asked();
  await pass(5 * minute);
  expect(asked()).toBe(after);
});

test('a preview says what would have been, and changes nothing', async () => {
  const { server, chat, pass, desk: { lifecycle: { preview } } } = desk();
  const id = server.add({ handler: 'queue' });
  server.add({ handler: 'queue', messages: ['Hi', { text: 'Hello', type: 'bot' }] });
  chat.start();
  await pass(2 * 60 * minute);
  const { version } = server.conversation(id);
  const asked = preview({ inboxes: { default: { botIdleS: 'off', userIdleS: 'off', teamIdleS: 3600, reopenWindowS: 0, archiveAfterS: 'off', deleteAfterS: 'off', warnBeforeS: 'off' } } });
  await pass();
  expect(await asked).toMatchObject({ conversations: 2, closes: 2, closesWaiting: 1, closesNow: 2, to: expect.any(Date) });
  expect(server.conversation(id)).toMatchObject({ status: 'open', version });
});

test('what goes is counted first, then gone, and kept in the record without a word of it', async () => {
  const { server, chat, pass, desk: { erasure } } = desk();
  const id = server.add({ userId: 'mia', messages: ['One', 'Two'] });
  server.add({ userId: 'mia' });
  server.addNote(id, 'Careful');
  chat.start();
  chat.list().subscribe(() => {});
  await pass();
  const results = Promise.all([erasure.countConversation(id), erasure.countUser('mia'), erasure.exportUser('mia')]);
  await pass();
  const [one, all, file] = await results;
  expect([one, all]).toEqual([{ conversations: 1, messages: 2, notes: 1 }, { conversations: 2, messages: 3, notes: 1 }]);
  expect((await file.text()).trim().split('\n').map((line) => Object.keys(JSON.parse(line) as object)[0])).toEqual(['user', 'id', 'id']);
  const gone = erasure.eraseConversation(id);
  await pass();
  await gone;
  expect(chat.conversation(id).get()).toBeUndefined();
  const rest = erasure.eraseUser('mia');
  await pass();
  await rest;
  const record = erasure.deletions({ limit: 1 });
  await pass();
  const { deletions: [last], hasMore } = await record;
  expect([last, hasMore]).toEqual([expect.objectContaining({ reason: 'user_erased', actor: 'ada', messages: 1, deletedAt: expect.any(Date) }), true]);
  const older = erasure.deletions({ before: last?.seq ?? 0 });
  await pass();
  expect(await older).toMatchObject({ deletions: [{ conversationId: id, reason: 'admin' }], hasMore: false });
});

test('only admins change and erase; every agent may read the rules', async () => {
  const { server, chat, pass, desk: { lifecycle, erasure } } = desk({});
  const id = server.add();
  chat.start();
  lifecycle.settings.subscribe(() => {});
  const refused = Promise.all([refusal(erasure.eraseConversation(id)), refusal(erasure.deletions()), refusal(lifecycle.goOn())]);
  await pass();
  expect((await refused).map((error) => (error as { code: string }).code)).toEqual(['forbidden', 'forbidden', 'forbidden']);
  expect(lifecycle.settings.get()?.version).toBe(1);
});

test('the server in memory warns, closes and lets a message win; a user who writes opens it again', async () => {
  const { server, chat, pass } = scene();
  server.setSettings({ policy: { botIdleS: 600, warnBeforeS: 60 } });
  const id = server.add({ userId: 'user-1', messages: ['Hello'] });
  const user = visitor(server);
  for (const each of [chat, user]) {
    each.start();
    each.open(id);
  }
  await pass(9 * minute + 1_000);
  expect(user.messages(id).get().ids.map((each) => user.message(each).get()?.system?.code)).toEqual([undefined, 'closing_soon']);
  user.send(id, { text: 'Wait' });
  await pass(9 * minute);
  expect(chat.conversation(id).get()?.status).toBe('open');
  await pass(2 * minute);
  expect(chat.conversation(id).get()).toMatchObject({ status: 'closed', closeReason: 'inactivity' });
  expect(chat.conversation(id).get()?.autoCloseAt).toBeUndefined();
  user.send(id, { text: 'Still there?' });
  await pass(500);
  expect(chat.conversation(id).get()?.status).toBe('open');
  expect(texts(chat, id).filter((text) => text === 'The conversation was closed.')).toHaveLength(1);
});

test('a snooze holds the timer, ends at its time or with a message of the user, and starts the timer anew', async () => {
  const { server, chat, pass } = scene();
  server.setSettings({ policy: { botIdleS: 600 } });
  const id = server.add();
  chat.start();
  chat.open(id);
  await pass();
  const until = new Date(server.clock.now() + 60 * minute);
  void chat.update(id, { snoozedUntil: until });
  await pass(59 * minute);
  expect(chat.conversation(id).get()).toMatchObject({ status: 'open', snoozedUntil: until });
  expect(chat.conversation(id).get()?.autoCloseAt).toBeUndefined();
  await pass(2 * minute);
  expect(chat.conversation(id).get()?.snoozedUntil).toBeUndefined();
  expect(chat.conversation(id).get()?.autoCloseAt).toEqual(new Date(until.getTime() + 10 * minute));
  void chat.update(id, { snoozedUntil: new Date(server.clock.now() + 60 * minute) });
  await pass();
  server.say(id, 'I am back');
  await pass();
  expect(chat.conversation(id).get()?.snoozedUntil).toBeUndefined();
});

test('the archive erases in the end, marked a day before; a hold keeps everything', async () => {
  const { server, chat, pass } = scene();
  server.setSettings({ policy: { archiveAfterS: 3600, deleteAfterS: 7200 } });
  const id = server.add();
  const held = server.add({ hold: true });
  chat.start();
  chat.list({ status: 'all', archived: 'all' }).subscribe(() => {});
  server.close(id);
  server.close(held);
  await pass(61 * minute);
  expect(chat.conversation(id).get()).toMatchObject({ isArchived: true, deleteAt: expect.any(Date) });
  await pass(120 * minute);
  expect(chat.conversation(id).get()?.eraseMarkedAt).toBeInstanceOf(Date);
  await pass(day + minute);
  expect(chat.conversation(id).get()).toBeUndefined();
  expect(server.deletions).toMatchObject([{ conversationId: id, reason: 'retention' }]);
  expect(chat.conversation(held).get()).toMatchObject({ isArchived: false, status: 'closed' });
});
