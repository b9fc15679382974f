import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import type { TestServer } from '@parlor/client/testing';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { changeOf, draftOf, fieldOf, split, wrongFields } from '../src/lifecycle/draft.ts';
import { open as openAt, serve as serveAs, tidy } from './support/page.tsx';

const day = 86_400;
const admin = { role: 'admin', sub: 'ada', name: 'Ada Lovelace' } as const;
const policy = { botIdleS: 1_800, userIdleS: day, teamIdleS: 'off', reopenWindowS: 7 * day, archiveAfterS: 14 * day, deleteAfterS: 90 * day, warnBeforeS: 'off' } as const;

function serve(me: Parameters<typeof serveAs>[0] = admin): TestServer {
  const server = serveAs(me);
  server.setSettings({ policy });
  return server;
}
const open = (address = '/?settings=lifecycle') => openAt(address);
const amount = (timer: string) => screen.findByRole<HTMLInputElement>('spinbutton', { name: `${timer}: how many` });
const unit = (timer: string) => screen.getAllByRole('combobox', { name: `${timer}: unit` });
const set = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });
const button = (name: string) => screen.getByRole('button', { name });

tidy();
beforeAll(() => import('../src/lifecycle/lifecycle-page.tsx'));

describe('durations', () => {
  it('are the largest unit in which they are whole', () => {
    expect([10, 90, 120, 5_400, 7_200, day, 90 * day].map(split)).toEqual([
      { amount: 10, unit: 'second' }, { amount: 90, unit: 'second' }, { amount: 2, unit: 'minute' }, { amount: 90, unit: 'minute' },
      { amount: 2, unit: 'hour' }, { amount: 1, unit: 'day' }, { amount: 90, unit: 'day' },
    ]);
    expect(fieldOf('archiveAfterS', 0)).toEqual({ unit: 'second', amount: '0' });
    expect(fieldOf('reopenWindowS', 0)).toEqual({ unit: 'off', amount: '' });
  });

  it('go there and back, and a funnel that does nothing otherwise is none', () => {
    const settings = { inboxes: { default: policy }, funnels: { shop: { botIdleS: 60, teamIdleS: 'off' as const }, jobs: {} } };
    expect(changeOf(draftOf(settings))).toEqual({ inboxes: { default: policy }, funnels: { shop: { botIdleS: 60, teamIdleS: 'off' } } });
  });

  it('are wrong where the server would not take them', () => {
    const draft = draftOf({ inboxes: { default: { ...policy, botIdleS: 9, reopenWindowS: 0, deleteAfterS: 3_600 } }, funnels: { 'a/b': { userIdleS: Number.NaN } } });
    expect([...wrongFields(draft).keys()]).toEqual(['/inboxes/default/botIdleS', '/inboxes/default/deleteAfterS', '/funnels/a~1b/userIdleS']);
  });
});

describe('the lifecycle page', () => {
  it('opens from the settings, as a step one can go back from', async () => {
    serve();
    open('/?status=all');
    fireEvent.click(await screen.findByRole('button', { name: 'Conversation lifecycle', hidden: true }));
    expect(await screen.findByRole('heading', { name: 'Lifecycle' })).toBeTruthy();
    expect(window.location.search).toBe('?settings=lifecycle');
    fireEvent.click(button('Back'));
    expect(await screen.findByRole('heading', { name: 'Inbox' })).toBeTruthy();
    await waitFor(() => expect(window.location.search).toBe('?status=all'));
  });

  it('says what a change would have done before it is saved, then saves it', async () => {
    const server = serve();
    server.add({ handler: 'queue', messages: [{ text: 'Hello?', timestamp: '2025-12-30T12:00:00.000Z' }] });
    open();
    set(await amount('With the bot'), '10');
    set(unit('Waiting for the team')[0] as HTMLElement, 'second');
    set(await amount('Waiting for the team'), '11');
    expect(await screen.findByText('In the last 30 days this would have closed 1 conversation, 1 with a customer waiting.')).toBeTruthy();
    fireEvent.click(button('Save'));
    expect(await screen.findByText(/^Saved\./)).toBeTruthy();
    expect(server.settings.inboxes.default).toMatchObject({ botIdleS: 600, teamIdleS: 11 });
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
  });

  it('names what is wrong at its field, and puts the focus there', async () => {
    const server = serve();
    open();
    const field = await amount('With the bot');
    set(field, '0');
    expect(screen.getByText('Between 10 seconds and 365 days.')).toBeTruthy();
    fireEvent.click(button('Save'));
    await waitFor(() => expect(document.activeElement).toBe(field));
    set(field, '20');
    server.refuseNext([422, 'validation']);
    fireEvent.click(button('Save'));
    expect((await screen.findByRole('alert')).textContent).toMatch(/^Not saved\./);
    expect(field.value).toBe('20');
    fireEvent.click(button('Discard changes'));
    expect((await amount('With the bot')).value).toBe('30');
  });

  it('does not save over what somebody else saved meanwhile', async () => {
    const server = serve();
    open();
    set(await amount('With the bot'), '20');
    server.setSettings({ policy: { userIdleS: 2 * day } });
    fireEvent.click(await screen.findByRole('button', { name: 'Show theirs' }));
    expect((await amount('Waiting for the visitor')).value).toBe('2');
    expect((await amount('With the bot')).value).toBe('30');
  });

  it('lets a funnel differ, and be as the inbox again', async () => {
    const server = serve();
    open();
    set(await screen.findByRole('combobox', { name: 'Add a funnel' }), 'shop');
    const [, own] = unit('With the bot');
    expect((own as HTMLSelectElement).selectedOptions[0]?.textContent).toBe('As in the inbox (30 minutes)');
    set(own as HTMLElement, 'off');
    fireEvent.click(button('Save'));
    await waitFor(() => expect(server.settings.funnels).toEqual({ shop: { botIdleS: 'off' } }));
    await screen.findByText(/^Saved\./);
    fireEvent.click(button('Let Lamp shop be as the inbox'));
    fireEvent.click(button('Save'));
    await waitFor(() => expect(server.settings.funnels).toEqual({}));
  });

  it('says that a new conversation begins where none is reopened, in the inbox and where a funnel is as the inbox', async () => {
    const server = serve();
    server.setSettings({ policy: { reopenWindowS: 0 } });
    open();
    const begins = 'A closed conversation stays closed. If the visitor writes again, a new one begins.';
    expect(await screen.findByText(begins)).toBeTruthy();
    expect(screen.queryByRole('spinbutton', { name: 'Reopen within: how many' })).toBeNull();
    set(await screen.findByRole('combobox', { name: 'Add a funnel' }), 'shop');
    expect(unit('Reopen within').map((each) => (each as HTMLSelectElement).selectedOptions[0]?.textContent)).toEqual(['Never', 'As in the inbox (never)']);
    expect(screen.getAllByText(begins)).toHaveLength(2);
    expect(document.body.textContent).not.toMatch(/\b0 seconds/);
    set(unit('Reopen within')[1] as HTMLElement, 'day');
    expect(screen.getAllByText(/^If the visitor writes again so soon/)).toHaveLength(1);
    expect(screen.getAllByText(begins)).toHaveLength(1);
  });

  it('shows how far a change has come, and warns of a clock until somebody believes it', async () => {
    const server = serve();
    server.setSettings({ redating: { done: 40, total: 100 }, clock: { runningS: 1, isPaused: true, pausedAt: '2026-01-01T00:00:00Z', disagreementS: 366 * day } });
    open();
    expect(await screen.findByText('Giving conversations their new times: 40 of 100')).toBeTruthy();
    expect(screen.getByText(/differ by 366 days since/)).toBeTruthy();
    fireEvent.click(button('The clock is right: go on'));
    await waitFor(() => expect(screen.queryByText(/differ by/)).toBeNull());
    expect(server.settings.clock.isPaused).toBe(false);
    server.setSettings({ redating: undefined });
    await waitFor(() => expect(screen.queryByText(/new times/)).toBeNull());
  });

  it('asks before it is left with something unsaved', async () => {
    serve();
    open();
    set(await amount('With the bot'), '20');
    vi.mocked(window.confirm).mockReturnValueOnce(false);
    fireEvent.click(button('Back'));
    expect(screen.getByRole('heading', { name: 'Lifecycle' })).toBeTruthy();
    fireEvent.click(button('Back'));
    expect(await screen.findByRole('heading', { name: 'Inbox' })).toBeTruthy();
  });

  it('is there for agents to read, and nothing of persons', async () => {
    serve({ role: 'agent', sub: 'ben', name: 'Ben' });
    open();
    expect((await amount('With the bot')).matches(':disabled')).toBe(true);
    expect(screen.getByText(/Only administrators can change this/)).toBeTruthy();
    expect(screen.queryByRole('heading', { name: 'One person’s data' })).toBeNull();
  });
});

describe('one person’s data', () => {
  it('is downloaded, counted, erased, and in the record', async () => {
    const server = serve();
    const files: Blob[] = [];
    const createObjectURL = (file: Blob) => `blob:parlor/${files.push(file)}`;
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL, revokeObjectURL: () => undefined }));
    const id = server.add({ userId: 'mia', messages: ['One', 'Two'] });
    open();
    set(await screen.findByRole('textbox', { name: 'Id of the person' }), ' mia ');
    fireEvent.click(button('Download everything'));
    await waitFor(() => expect(files).toHaveLength(1));
    expect(await files[0]?.text()).toContain('"text":"Two"');
    fireEvent.click(button('Erase everything…'));
    const dialog = within(await screen.findByRole('dialog', { name: 'Erase everything about mia?' }));
    expect(dialog.getByText(/^1 conversation with 2 messages and 0 notes/)).toBeTruthy();
    expect(document.activeElement).toBe(dialog.getByRole('button', { name: 'Cancel' }));
    fireEvent.click(dialog.getByRole('button', { name: 'Erase for good' }));
    expect(await screen.findByText('Everything about mia is erased.')).toBeTruthy();
    expect(server.conversationIds()).not.toContain(id);
    const record = within(screen.getByRole('region', { name: 'What was deleted' }));
    expect(await record.findByText('Person erased')).toBeTruthy();
    expect(record.getByText('by ada')).toBeTruthy();
  });

  it('says why it could not be done', async () => {
    serve();
    open();
    set(await screen.findByRole('textbox', { name: 'Id of the person' }), 'nobody');
    fireEvent.click(button('Download everything'));
    expect((await screen.findByRole('alert')).textContent).toMatch(/^That did not work/);
  });
});

describe('the words of the page', () => {
  it('are all there in Arabic', async () => {
    const { lifecycle } = await import('../src/text/ar-lifecycle.ts');
    const { englishLifecycle } = await import('../src/text/lifecycle-words.ts');
    expect(Object.keys(lifecycle).toSorted()).toEqual(Object.keys(englishLifecycle).toSorted());
    const texts: string[] = Object.values(lifecycle).flatMap((each) => (typeof each === 'object' ? Object.values<string | readonly string[]>(each).flat() : typeof each === 'string' ? [each] : []));
    expect(texts.filter((text) => /[A-Za-z]{2,}/.test(text))).toEqual([]);
  });
});
