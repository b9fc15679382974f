import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConversationDetails } from '../src/agents.ts';
import { LiveChatPage, loadAllParts } from '../src/index.ts';
import { aConversation, aMessage, anError, fakeChat, openFilters } from './support/fake-chat.ts';
import { fakeDesk } from './support/fake-desk.ts';
import { renderWith } from './support/render.tsx';

const now = Date.UTC(2026, 10, 22, 13);
beforeEach(() => vi.useFakeTimers({ now, toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

type Change = Parameters<typeof aConversation>[1];
const inMinutes = (minutes: number) => new Date(now + minutes * 60_000);
const admin = { workspace: { id: 'w', name: 'demo' }, role: 'admin', sub: 'ada', name: 'Ada' } as const;

function details(change: Change = {}, isAdmin = false) {
  const fake = fakeChat();
  const desk = fakeDesk();
  if (isAdmin) fake.me.set(admin);
  fake.conversations.at('c1').set(aConversation('c1', change));
  fake.showThread('c1', []);
  renderWith(fake, <ConversationDetails conversationId="c1" />, { desk });
  return { ...fake, desk };
}
const part = () => within(screen.getByRole('region', { name: 'What happens next' }));

async function page(change: Change = {}, isAdmin = false) {
  const fake = fakeChat();
  const desk = fakeDesk();
  if (isAdmin) fake.me.set(admin);
  const row = aConversation('c1', change);
  fake.showList(openFilters, [row]);
  fake.showThread('c1', [aMessage('m1')]);
  await loadAllParts();
  renderWith(fake, <LiveChatPage />, { desk, initialView: { selectedConversationId: 'c1' } });
  // The commands come behind the page.
  await waitFor(() => {
    fireEvent.keyDown(document.body, { key: '?' });
    expect(screen.getByRole('dialog')).toBeTruthy();
  });
  fireEvent(screen.getByRole('dialog'), new Event('close'));
  return { ...fake, desk };
}

describe('what happens next', () => {
  it('says when it closes, and goes on saying it as time passes', () => {
    vi.useFakeTimers({ now, toFake: ['Date', 'setInterval', 'clearInterval'] });
    details({ autoCloseAt: inMinutes(12) });
    expect(part().getByText('Closes in 12 minutes')).toBeTruthy();
    act(() => void vi.advanceTimersByTime(11.5 * 60_000));
    expect(part().getByText('Closes within a minute')).toBeTruthy();
    act(() => void vi.advanceTimersByTime(60_000));
    expect(part().getByText('Closes within a minute')).toBeTruthy();
  });

  it.each<[Change, RegExp | string]>([
    [{}, 'Nothing happens by itself.'],
    [{ autoCloseAt: inMinutes(12), hold: true }, 'On hold'],
    [{ snoozedUntil: inMinutes(24 * 60) }, /^Snoozed until Mon/],
    [{ status: 'closed', isArchived: true, deleteAt: inMinutes(60 * 24 * 90) }, /^Will be erased on Feb 20, 2027/],
    [{ status: 'closed', isArchived: true, eraseMarkedAt: inMinutes(0) }, /^Marked to be erased/],
  ])('%#', (change, text) => {
    details(change);
    expect(part().getByText(text)).toBeTruthy();
  });

  it('says why and when it was closed', () => {
    details({ status: 'closed', closeReason: 'inactivity', closedAt: inMinutes(-5) });
    expect(part().getByText(/^Closed after a time without messages, Sunday/)).toBeTruthy();
    expect(part().queryByRole('button', { name: 'Snooze…' })).toBeNull();
  });

  it('holds and lets go, with a way back', () => {
    const { called } = details();
    fireEvent.click(part().getByRole('checkbox', { name: /^Hold/ }));
    expect(called('update')).toEqual([['update', 'c1', { hold: true }]]);
  });

  it('snoozes and wakes', () => {
    const { called } = details({ snoozedUntil: inMinutes(60) });
    fireEvent.click(part().getByRole('button', { name: 'End the snooze' }));
    expect(called('update')).toEqual([['update', 'c1', { snoozedUntil: null }]]);
    fireEvent.click(part().getByRole('button', { name: 'Snooze…' }));
    fireEvent.click(within(screen.getByRole('dialog')).getByRole('option', { name: /^In 1 hour/ }));
    expect(called('update')[1]).toEqual(['update', 'c1', { snoozedUntil: inMinutes(60) }]);
  });

  it('has nothing wrong with it', async () => {
    details({ snoozedUntil: inMinutes(60) }, true);
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false }, region: { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});

describe('deleting a conversation', () => {
  it('is for admins alone', () => {
    details();
    expect(screen.queryByRole('button', { name: 'Delete conversation…' })).toBeNull();
  });

  it('stands behind everything else', () => {
    details({}, true);
    expect(screen.getAllByRole('button').at(-1)?.textContent).toBe('Delete conversation…');
  });

  it('says what goes, begins at Cancel, and goes only then', async () => {
    const { desk, called } = details({}, true);
    const erase = vi.spyOn(desk.erasure, 'eraseConversation');
    fireEvent.click(screen.getByRole('button', { name: 'Delete conversation…' }));
    const dialog = within(screen.getByRole('dialog', { name: 'Delete the conversation with Visitor c1?' }));
    expect(document.activeElement).toBe(dialog.getByRole('button', { name: 'Cancel' }));
    const yes = dialog.getByRole('button', { name: 'Delete for good' });
    fireEvent.click(yes);
    expect(erase).not.toHaveBeenCalled();
    expect(await dialog.findByText(/^12 messages and 1 note will be gone/)).toBeTruthy();
    fireEvent.click(yes);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(erase.mock.calls).toEqual([['c1']]);
    expect(called('refresh')).toHaveLength(1);
  });

  it('stays and says why when it is refused', async () => {
    const { desk } = details({}, true);
    desk.erasure.eraseConversation = () => Promise.reject(anError('unavailable', 'The server is busy.'));
    fireEvent.click(screen.getByRole('button', { name: 'Delete conversation…' }));
    await screen.findByText(/^12 messages/);
    fireEvent.click(screen.getByRole('button', { name: 'Delete for good' }));
    expect((await screen.findByRole('alert')).textContent).toBe('That did not work. The server is busy.');
  });
});

describe('in the page', () => {
  const openMenu = () => fireEvent.click(screen.getByRole('button', { name: 'More actions' }));
  const names = () => screen.getAllByRole('menuitem').map((each) => each.textContent);

  it('the header says what is next, and a row that it rests', async () => {
    const { conversations } = await page({ autoCloseAt: inMinutes(12) });
    expect(document.querySelector('.pl-thread-title [data-part="next"]')?.textContent).toBe('Closes in 12 minutes');
    act(() => conversations.at('c1').set(aConversation('c1', { snoozedUntil: inMinutes(60), version: 2 })));
    expect(document.querySelector('.pl-thread-title [data-part="next"]')?.textContent).toMatch(/^Snoozed until/);
    expect(within(document.querySelector('.pl-card') as HTMLElement).getByText('Snoozed')).toBeTruthy();
  });

  it('the menu has it, deleting for admins', async () => {
    await page();
    openMenu();
    expect(names()).toEqual(expect.arrayContaining(['Snooze…', 'Put on hold']));
    expect(names()).not.toContain('Delete conversation…');
    fireEvent.click(screen.getByRole('menuitem', { name: 'Snooze…' }));
    expect(await screen.findByRole('dialog', { name: 'Snooze Visitor c1 until' })).toBeTruthy();
  });

  it('the palette has it too', async () => {
    const { called } = await page({ snoozedUntil: inMinutes(60) }, true);
    const choose = (text: string) => {
      fireEvent.keyDown(document.body, { key: 'k', ctrlKey: true });
      const field = within(screen.getByRole('dialog')).getByRole('combobox');
      fireEvent.change(field, { target: { value: text } });
      fireEvent.keyDown(field, { key: 'Enter' });
    };
    choose('end the snooze');
    choose('put on hold');
    expect(called('update').map(([, , change]) => change)).toEqual([{ snoozedUntil: null }, { hold: true }]);
    choose('delete conv');
    expect(await screen.findByRole('dialog', { name: 'Delete the conversation with Visitor c1?' })).toBeTruthy();
  });
});
