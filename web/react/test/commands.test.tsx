import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { keepFocus } from '../src/commands/focus.ts';
import { keyOf, takesText } from '../src/commands/keys.ts';
import { snoozeTimes } from '../src/commands/snooze.ts';
import { LiveChatPage, type LiveChatPageProps } from '../src/index.ts';
import { aConversation, aMessage, anError, fakeChat, openFilters } from './support/fake-chat.ts';
import { fakeDesk } from './support/fake-desk.ts';
import { renderWith } from './support/render.tsx';

const press = (key: string, init: KeyboardEventInit = {}, target: Element = document.activeElement ?? document.body) =>
  fireEvent.keyDown(target, { key, ...init });

async function page(selectedConversationId?: string, props: LiveChatPageProps = {}, options: Parameters<typeof renderWith>[2] = {}, fake = fakeChat()) {
  fake.showList(openFilters, ['c1', 'c2', 'c3'].map((id) => aConversation(id)));
  for (const id of ['c1', 'c2', 'c3']) {
    fake.showThread(id, [aMessage(`m-${id}`, { conversationId: id, seq: 4 }), aMessage(`n-${id}`, { conversationId: id, seq: 5, type: 'bot' })]);
  }
  renderWith(fake, <LiveChatPage {...props} />, { ...options, initialView: { selectedConversationId } });
  // The commands come behind the page; until they have, a key does nothing.
  await waitFor(() => {
    press('?');
    expect(screen.getByRole('dialog')).toBeTruthy();
  });
  fireEvent(screen.getByRole('dialog'), new Event('close'));
  expect(screen.queryByRole('dialog')).toBeNull();
  // A browser gives the focus back to where it was: nowhere.
  await act(async () => undefined);
  (document.activeElement as HTMLElement | null)?.blur();
  return fake;
}

const row = (id: string) => screen.getByText(`Visitor ${id}`, { selector: '.pl-card-name' }).closest('button') as HTMLElement;
const field = () => within(screen.getByRole('dialog')).getByRole('combobox');
/** Chooses from the palette what is found by these words. */
function choose(words: string) {
  press('k', { ctrlKey: true }, document.body);
  fireEvent.change(field(), { target: { value: words } });
  fireEvent.keyDown(field(), { key: 'Enter' });
}
const options = () => within(screen.getByRole('dialog')).getAllByRole('option');

describe('single keys', () => {
  it('walk the list, and act on the row in focus', async () => {
    const fake = await page();
    press('j');
    await waitFor(() => expect(document.activeElement).toBe(row('c1')));
    press('j');
    expect(document.activeElement).toBe(row('c2'));
    press('e');
    press('k');
    press('E', { shiftKey: true });
    expect(fake.called('update')).toEqual([
      ['update', 'c2', { status: 'closed' }],
      ['update', 'c1', { isArchived: true }],
    ]);
    expect(await screen.findByText('Conversation archived')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(fake.called('update')[2]).toEqual(['update', 'c1', { status: 'open', if: { status: 'closed' } }]);
  });

  it('undo what a notice says was done, by Z, by Ctrl+Z outside of fields, and from the palette', async () => {
    const fake = await page();
    const changes = () => fake.called('update').length;
    const archive = async (id: string) => {
      act(() => row(id).focus());
      press('E', { shiftKey: true });
      await screen.findByText('Conversation archived', { selector: '[role=group] span' });
    };
    expect(press('z')).toBe(true);
    await archive('c1');
    press('z');
    expect(fake.called('update')[1]?.slice(0, 2)).toEqual(['update', 'c1']);
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull();
    await archive('c2');
    expect(press('z', { ctrlKey: true }, screen.getByRole('searchbox'))).toBe(true);
    expect(changes()).toBe(3);
    press('z', { ctrlKey: true }, document.body);
    expect(changes()).toBe(4);
    await archive('c3');
    choose('Undo');
    expect(changes()).toBe(6);
    press('?', {}, document.body);
    expect(within(screen.getByRole('dialog')).getAllByText('Undo what was just done')).toHaveLength(2);
  });

  it('act on the open conversation, from anywhere in the page', async () => {
    const fake = await page('c2');
    press('r');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Message to Visitor c2' })));
    press('e');
    expect(fake.called('update')).toEqual([]);
    press('/', {}, screen.getByRole('log'));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('searchbox')));
    press('j', {}, document.body);
    expect(document.activeElement).toBe(row('c3'));
  });

  it('answer the person also while one notes, and keep what was noted', async () => {
    const fake = await page('c2');
    press('r', {}, screen.getByRole('log'));
    const note = screen.getByRole('radio', { name: 'Note' });
    fireEvent.click(note);
    const noted = screen.getByRole('textbox', { name: 'Note about Visitor c2' });
    fireEvent.change(noted, { target: { value: 'Called twice' } });
    // In a field a letter is a letter.
    for (const key of ['r', 'e', 'j', '/', '?']) expect(press(key, {}, noted)).toBe(true);
    expect(screen.queryByRole('dialog')).toBeNull();

    note.focus();
    expect(press('r')).toBe(false);
    const answer = () => screen.getByRole('textbox', { name: 'Message to Visitor c2' });
    await waitFor(() => expect(document.activeElement).toBe(answer()));
    expect((answer() as HTMLTextAreaElement).value).toBe('');
    expect(fake.drafts.at('note:c2').get()).toBe('Called twice');
  });

  it.each([
    ['e', {}, 'Close', 'Conversation closed', { status: 'open', if: { status: 'closed' } }],
    ['E', { shiftKey: true }, 'Archive', 'Conversation archived', { status: 'open', if: { status: 'closed' } }],
  ])('take back what %s did like the button does', async (key, init, button, said, back) => {
    const fake = await page('c2');
    const undo = async () => {
      expect(await screen.findByText(said)).toBeTruthy();
      fireEvent.click(screen.getByText('Undo'));
      const calls = fake.called('update');
      fake.calls.length = 0;
      return calls;
    };
    press(key, init, screen.getByRole('log'));
    const byKey = await undo();
    expect(byKey[1]).toEqual(['update', 'c2', back]);
    fireEvent.click(screen.getByTitle(button));
    expect(await undo()).toEqual(byKey);
  });

  it('leave an unread conversation for the list, with its last message of the user unread', async () => {
    const fake = await page('c2');
    press('u', {}, screen.getByRole('log'));
    expect(screen.queryByRole('log')).toBeNull();
    expect(fake.called('markUnread')).toEqual([['markUnread', 'c2', 3]]);
    await waitFor(() => expect(document.activeElement).toBe(row('c2')));
  });

  it('mark a row unread that was never opened, from the last message of the user, though our side spoke last', async () => {
    const fake = await page();
    act(() => fake.showList(openFilters, [aConversation('c9', { messageCount: 9, agentLastReadSeq: 9 })]));
    fake.answers.set('GET /conversations/c9/messages?limit=50', { messages: [{ type: 'user', seq: 7 }, { type: 'bot', seq: 8 }, { type: 'bot', seq: 9 }] });
    act(() => (document.querySelector('[data-row="c9"] .pl-card') as HTMLElement).focus());
    press('u');
    expect(await screen.findByText('Marked unread')).toBeTruthy();
    expect(fake.called('markUnread')).toEqual([['markUnread', 'c9', 6]]);
  });

  it('say that a row could not be marked unread where its messages cannot be asked for', async () => {
    const fake = await page();
    act(() => fake.showList(openFilters, [aConversation('c9')]));
    fake.chat.request = () => Promise.reject(anError('network', 'No.'));
    act(() => (document.querySelector('[data-row="c9"] .pl-card') as HTMLElement).focus());
    press('u');
    expect(await screen.findByText(/^1 conversation could not be changed/)).toBeTruthy();
    expect(fake.called('markUnread')).toEqual([]);
  });

  it('do nothing in a field, while a word is composed, with other modifiers, held down, or switched off', async () => {
    const onPreferencesChange = vi.fn();
    const fake = await page('c1', {}, { onPreferencesChange });
    const log = screen.getByRole('log');
    press('e', {}, screen.getByRole('searchbox'));
    press('e', { isComposing: true }, log);
    press('e', { ctrlKey: true }, log);
    press('e', { altKey: true }, log);
    press('e', { repeat: true }, log);
    const elsewhere = document.body.appendChild(document.createElement('button'));
    press('e', {}, elsewhere);
    elsewhere.remove();
    press('?', { shiftKey: true }, log);
    fireEvent.click(screen.getByRole('checkbox', { name: 'Use single-key shortcuts' }));
    fireEvent(screen.getByRole('dialog'), new Event('close'));
    expect(onPreferencesChange).toHaveBeenCalledWith({ shortcuts: false, plainList: false });
    press('e', {}, log);
    expect(fake.called('update')).toEqual([]);
    press('k', { ctrlKey: true }, log);
    expect(screen.getByRole('dialog', { name: 'Actions' })).toBeTruthy();
  });

  it('are the letters of the place on a keyboard of another script', () => {
    expect(keyOf(new KeyboardEvent('keydown', { key: 'ت', code: 'KeyJ' }))).toBe('j');
    expect(keyOf(new KeyboardEvent('keydown', { key: '؟', code: 'Slash', shiftKey: true }))).toBe('?');
    expect(keyOf(new KeyboardEvent('keydown', { key: 'e', code: 'KeyD' }))).toBe('e');
    expect(keyOf(new KeyboardEvent('keydown', { key: 'E', code: 'KeyE', shiftKey: true }))).toBe('shift+e');
    expect(keyOf(new KeyboardEvent('keydown', { key: 'K', code: 'KeyK', ctrlKey: true }))).toBe('mod+k');
  });

  it('count at once after a dialog, before the page has heard that it was closed', async () => {
    await page('c1');
    press('k', { ctrlKey: true }, document.body);
    const left = field();
    // As Escape leaves it where there is nothing to give the focus back to.
    screen.getByRole('dialog').removeAttribute('open');
    press('?', {}, left);
    expect(screen.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeTruthy();
  });

  it('know what takes text', () => {
    const element = (html: string) => {
      const holder = document.createElement('div');
      holder.innerHTML = html;
      return holder.firstElementChild as Element;
    };
    expect(['<input>', '<textarea></textarea>', '<select></select>', '<p contenteditable></p>'].map((html) => takesText(element(html)))).toEqual([true, true, true, true]);
    expect(['<input type="radio">', '<button></button>', '<div></div>'].map((html) => takesText(element(html)))).toEqual([false, false, false]);
  });
});

describe('the palette', () => {
  it('lists every action with its key, also from a field, and the host’s own', async () => {
    const run = vi.fn();
    await page('c1', { commands: [{ id: 'dark', label: 'Dark theme', keywords: 'night', run }] });
    press('k', { ctrlKey: true }, screen.getByRole('textbox', { name: 'Message to Visitor c1' }));
    const keys = options().flatMap((option) => Array.from(option.querySelectorAll('.pl-keys'), (each) => each.textContent));
    expect(keys).toEqual(['R', 'E', 'ShiftE', 'S', 'A', 'U', 'L', 'I', 'J', 'K', 'Enter', 'Esc', '/', 'F', '?']);
    fireEvent.change(field(), { target: { value: 'night' } });
    expect(options().map((each) => each.textContent)).toEqual(['Dark theme']);
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(run).toHaveBeenCalledOnce();
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('is walked with the arrows, past what cannot be done now, and says when nothing matches', async () => {
    await page();
    press('k', { ctrlKey: true }, document.body);
    expect(options()[0]?.getAttribute('aria-disabled')).toBe('true');
    const active = () => document.getElementById(field().getAttribute('aria-activedescendant') ?? '')?.textContent;
    expect(active()).toBe('Next conversationJ');
    fireEvent.keyDown(field(), { key: 'ArrowDown' });
    expect(active()).toBe('Previous conversationK');
    fireEvent.keyDown(field(), { key: 'ArrowUp' });
    fireEvent.keyDown(field(), { key: 'ArrowUp' });
    expect(active()).toBe('Switch single-key shortcuts off');
    fireEvent.change(field(), { target: { value: 'no such thing' } });
    expect(screen.getByText('No action has that name.')).toBeTruthy();
    expect(within(screen.getByRole('dialog')).getByRole('status').textContent).toBe('0 actions');
  });

  it('shows a saved view', async () => {
    const fake = fakeChat();
    fake.answers.set('GET /views', { views: [{ id: 'v1', name: 'Invoices', isShared: true, isMine: false, filters: { label: 'invoice', status: 'all' } }] });
    fake.showList({ ...openFilters, status: 'all', label: 'invoice' }, [aConversation('c9')]);
    await page(undefined, {}, {}, fake);
    choose('invoices');
    expect(await screen.findByText('Visitor c9')).toBeTruthy();
  });

  it('does to the selected conversations what they can be done to', async () => {
    const fake = fakeChat();
    fake.answers.set('GET /agents', { agents: [{ id: 'ada', name: 'Ada' }, { id: 'ann', name: 'Ann' }] });
    await page(undefined, {}, {}, fake);
    const updateMany = vi.spyOn(fake.chat, 'updateMany').mockResolvedValue({ conversations: [], failed: [] });
    choose('select all');
    press('k', { ctrlKey: true }, document.body);
    const ofSelected = within(screen.getByRole('group', { name: 'Selected conversations' })).getAllByRole('option');
    expect(ofSelected.map(({ textContent }) => textContent)).toEqual(
      ['Close', 'Archive', 'Mark as unread', 'Assign', 'Labels'].map((action) => `${action} (3 selected)`),
    );
    fireEvent.click(ofSelected[0] as HTMLElement);
    expect(await screen.findByText('3 conversations closed')).toBeTruthy();
    expect(updateMany).toHaveBeenCalledWith(['c1', 'c2', 'c3'], { status: 'closed' });
    expect(screen.queryByRole('checkbox')).toBeNull();

    choose('select all');
    choose('assign (3');
    expect(screen.getByRole('dialog', { name: 'Assign 3 conversations to' })).toBeTruthy();
    fireEvent.click(await screen.findByRole('option', { name: 'Ann' }));
    expect(await screen.findByText('3 conversations assigned to Ann')).toBeTruthy();
    expect(updateMany).toHaveBeenLastCalledWith(['c1', 'c2', 'c3'], { assigneeId: 'ann' });
  });

  it('opens what a choice asks for in its place', async () => {
    await page('c1');
    press('k', { ctrlKey: true }, document.body);
    fireEvent.change(field(), { target: { value: 'snooze' } });
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(screen.getByRole('dialog', { name: 'Snooze Visitor c1 until' })).toBeTruthy();
  });
});

describe('filters by keyboard', () => {
  it('narrow the list by funnel, who answers, agent, label and what is unread, and widen it again', async () => {
    const fake = await page(undefined, {}, { desk: fakeDesk() });
    const texts = () => options().map((each) => each.textContent);
    const narrow = (words: string) => {
      press('f', {}, document.body);
      fireEvent.change(field(), { target: { value: words } });
      fireEvent.keyDown(field(), { key: 'Enter' });
    };
    press('f', {}, document.body);
    expect(texts()).toEqual([
      'Funnel: Demo', 'Answered by: Bot', 'Answered by: Waiting', 'Answered by: An agent',
      'Agent: Me', 'Agent: Ada', 'Agent: Ann', 'Label: billing', 'Label: vip', 'Unread only',
    ]);
    fireEvent(screen.getByRole('dialog'), new Event('close'));
    act(() => fake.showList({ ...openFilters, label: 'vip' }, [aConversation('c7')]));
    narrow('label vip');
    expect(screen.getByText('Visitor c7')).toBeTruthy();
    press('f', {}, document.body);
    expect(texts()).toContain('Label: Any');
    expect(within(screen.getByRole('dialog')).getByRole('option', { name: 'Label: vip' }).getAttribute('aria-disabled')).toBe('true');
    fireEvent(screen.getByRole('dialog'), new Event('close'));
    narrow('label any');
    expect(screen.queryByText('Visitor c7')).toBeNull();
  });
});

describe('the open conversation by keyboard', () => {
  it('shows and hides what is known about the person', async () => {
    await page('c1');
    const panel = () => screen.queryByRole('complementary', { name: 'About Visitor c1' });
    await act(async () => void (await vi.dynamicImportSettled()));
    expect(panel()).toBeNull();
    press('i', {}, document.body);
    await waitFor(() => expect(panel()).toBeTruthy());
    choose('hide details');
    expect(panel()).toBeNull();
  });

  it('leads to the first unread message, as often as one asks', async () => {
    const fake = fakeChat();
    const asked = vi.spyOn(fake.chat, 'openAt').mockResolvedValue(undefined);
    await page('c1', {}, {}, fake);
    act(() => fake.conversations.at('c2').set(aConversation('c2', { unreadCount: 1, agentLastReadSeq: 1 })));
    fireEvent.click(row('c2'));
    const times = () => asked.mock.calls.filter(([id, seq]) => id === 'c2' && seq === 2).length;
    await waitFor(() => expect(times()).toBe(1));
    await act(async () => undefined);
    choose('first unread');
    await waitFor(() => expect(times()).toBe(2));
    await act(async () => undefined);
    choose('first unread');
    await waitFor(() => expect(times()).toBe(3));
  });
});

describe('snooze', () => {
  it('offers times of the reader’s own morning', () => {
    const friday = new Date(2026, 10, 27, 16, 20);
    expect(snoozeTimes(friday).map(({ id, at }) => [id, at.getDate(), at.getHours()])).toEqual([
      ['hours-1', 27, 17], ['hours-3', 27, 19], ['tomorrow', 28, 9], ['monday', 30, 9],
    ]);
    expect(snoozeTimes(new Date(2026, 10, 29, 8)).map(({ id }) => id)).not.toContain('monday');
    expect(snoozeTimes(new Date(2026, 10, 30, 8)).find(({ id }) => id === 'monday')?.at.getDate()).toBe(7);
  });

  it('is set, and ended, and another time can be picked', async () => {
    const fake = await page('c1');
    press('s', {}, screen.getByRole('log'));
    fireEvent.keyDown(field(), { key: 'Enter' });
    const [, , change] = fake.called('update')[0] ?? [];
    expect((change as { snoozedUntil: Date }).snoozedUntil.getTime()).toBeGreaterThan(Date.now());
    await waitFor(() => expect(screen.getByText(/^Snoozed until /)).toBeTruthy());

    act(() => fake.conversations.at('c1').set(aConversation('c1', { snoozedUntil: new Date(2099, 0, 1), version: 2 })));
    press('s', {}, screen.getByRole('log'));
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(fake.called('update')[1]).toEqual(['update', 'c1', { snoozedUntil: null }]);

    press('s', {}, screen.getByRole('log'));
    fireEvent.change(screen.getByLabelText('Another time'), { target: { value: '2001-01-01T09:00' } });
    fireEvent.submit(screen.getByLabelText('Another time'));
    expect(fake.called('update')).toHaveLength(2);
    fireEvent.change(screen.getByLabelText('Another time'), { target: { value: '2099-05-04T09:30' } });
    fireEvent.submit(screen.getByLabelText('Another time'));
    expect(fake.called('update')[2]).toEqual(['update', 'c1', { snoozedUntil: new Date(2099, 4, 4, 9, 30) }]);
  });
});

describe('assign', () => {
  it('offers me, colleagues, the queue and the bot, but not who has it', async () => {
    const fake = await page('c1');
    act(() => fake.conversations.at('c2').set(aConversation('c2', { handler: 'agent', assignee: { id: 'ben', name: 'Ben' }, version: 2 })));
    press('a', {}, screen.getByRole('log'));
    expect(options().map((each) => [each.textContent, each.getAttribute('aria-disabled')])).toEqual([
      ['Ada (you)', 'false'], ['Ben', 'false'], ['Nobody: back to the queue', 'false'], ['The bot', 'true'],
    ]);
    fireEvent.click(screen.getByRole('option', { name: 'Ben' }));
    expect(fake.called('update')).toEqual([['update', 'c1', { assigneeId: 'ben', if: { handler: 'bot' } }]]);
    press('a', {}, screen.getByRole('log'));
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(fake.called('take')).toEqual([['take', 'c1', undefined]]);
  });

  it('asks over its thread before taking from somebody else', async () => {
    const fake = await page();
    act(() => fake.conversations.at('c1').set(aConversation('c1', { handler: 'agent', assignee: { id: 'ben', name: 'Ben' }, version: 2 })));
    press('j');
    await waitFor(() => expect(document.activeElement).toBe(row('c1')));
    press('a');
    fireEvent.keyDown(field(), { key: 'Enter' });
    fireEvent.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Take over' }));
    expect(fake.called('take')).toEqual([['take', 'c1', 'ben']]);
  });
});

describe('labels', () => {
  async function labelled(selectedConversationId?: string) {
    const fake = fakeChat();
    fake.answers.set('GET /labels', { labels: ['billing', 'vip'] });
    await page(selectedConversationId, {}, {}, fake);
    act(() => fake.conversations.at('c1').set(aConversation('c1', { labels: ['vip'], version: 2 })));
    return vi.spyOn(fake.chat, 'updateMany').mockResolvedValue({ conversations: [], failed: [] });
  }

  it('are put on a conversation and taken off, those in use and new ones', async () => {
    const updateMany = await labelled('c1');
    press('l', {}, screen.getByRole('log'));
    expect(screen.getByRole('dialog', { name: 'Labels of Visitor c1' })).toBeTruthy();
    await screen.findByRole('option', { name: 'Add “billing”' });
    expect(options().map(({ textContent }) => textContent)).toEqual(['Remove “vip”', 'Add “billing”']);
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(await screen.findByText('1 conversation without “vip” now')).toBeTruthy();
    expect(updateMany).toHaveBeenLastCalledWith(['c1'], { removeLabels: ['vip'] });

    choose('label…');
    fireEvent.change(field(), { target: { value: ' billing ' } });
    expect(options().map(({ textContent }) => textContent)).toEqual(['Add “billing”']);
    fireEvent.change(field(), { target: { value: 'bill' } });
    expect(options().map(({ textContent }) => textContent)).toEqual(['Add “billing”', 'Add new label “bill”']);
    fireEvent.click(options()[1] as HTMLElement);
    expect(await screen.findByText('1 conversation labelled “bill”')).toBeTruthy();
    expect(updateMany).toHaveBeenLastCalledWith(['c1'], { addLabels: ['bill'] });
  });

  it('are put on all that are selected, where some have them', async () => {
    const updateMany = await labelled();
    choose('select all');
    choose('labels (3');
    expect(screen.getByRole('dialog', { name: 'Labels of 3 conversations' })).toBeTruthy();
    await screen.findByRole('option', { name: 'Add “billing”' });
    expect(options().map(({ textContent }) => textContent)).toEqual(['Remove “vip”', 'Add “billing”', 'Add “vip”']);
    fireEvent.click(options()[2] as HTMLElement);
    expect(await screen.findByText('2 conversations labelled “vip”')).toBeTruthy();
    expect(updateMany).toHaveBeenLastCalledWith(['c2', 'c3'], { addLabels: ['vip'] });
    expect(screen.queryByRole('checkbox')).toBeNull();
  });
});

describe('the focus', () => {
  it('goes to the list’s row when what had it is taken away', async () => {
    const fake = await page();
    press('j');
    await waitFor(() => expect(document.activeElement).toBe(row('c1')));
    act(() => fake.showList(openFilters, ['c2', 'c3'].map((id) => aConversation(id))));
    await waitFor(() => expect(document.activeElement).toBe(row('c2')));
  });

  it('goes to a row in view, not to one that is only rendered', async () => {
    const view = document.body.appendChild(document.createElement('div'));
    view.innerHTML = '<button id="going"></button><div class="pl-scroll pl-rows"><button class="pl-card" tabindex="0"></button><button class="pl-card" tabindex="-1"></button></div>';
    const at = (top: number, height: number) => () => new DOMRect(0, top, 300, height);
    const [above, inView] = view.querySelectorAll<HTMLElement>('.pl-card');
    Object.assign(view.querySelector('.pl-scroll') as HTMLElement, { getBoundingClientRect: at(0, 500) });
    Object.assign(above as HTMLElement, { getBoundingClientRect: at(-300, 76) });
    Object.assign(inView as HTMLElement, { getBoundingClientRect: at(10, 76) });
    const stop = keepFocus(view);
    const going = view.querySelector('#going') as HTMLElement;
    going.focus();
    going.remove();
    await waitFor(() => expect(document.activeElement).toBe(inView));
    stop();
    view.remove();
  });

  it('is left alone for what the page was loaded with, but not when that is opened once more', async () => {
    await page('c1');
    const inField = () => document.activeElement?.getAttribute('aria-label');
    expect(inField()).toBeNull();
    fireEvent.click(row('c2'));
    expect(inField()).toBe('Message to Visitor c2');
    fireEvent.click(row('c1'));
    expect(inField()).toBe('Message to Visitor c1');
  });

  it.each([['Edit', 'Note'], ['Edit', 'Reply'], ['Delete', 'Reply']])('goes to the field after %s on a message that failed, from %s', async (name, mode) => {
    const fake = await page('c1');
    fake.chat.discard = (id) => fake.showThread('c1', fake.chat.messages('c1').get().ids.filter((each) => each !== id).flatMap((each) => fake.chat.message(each).get() ?? []));
    act(() => fake.put(aMessage('f', { type: 'bot', seq: 0, state: 'failed', error: anError('validation', 'No.') })));
    fireEvent.click(screen.getByRole('radio', { name: mode }));
    const button = within(screen.getByRole('log')).getByRole('button', { name });
    button.focus();
    fireEvent.click(button);
    expect(button.isConnected).toBe(false);
    const reply = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: /^Message to/ });
    await waitFor(() => expect(document.activeElement).toBe(reply()));
    expect(reply().value).toBe(name === 'Edit' ? 'Text of f' : '');
    // Nor is it taken from there later.
    await act(async () => undefined);
    expect(document.activeElement).toBe(reply());
  });
});
