import { act, fireEvent, screen, within } from '@testing-library/react';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConversationDetails } from '../src/agents.ts';
import { useInboxView } from '../src/index.ts';
import { aConversation, aMessage, fakeChat, type FakeChat } from './support/fake-chat.ts';
import { fakeDesk } from './support/fake-desk.ts';
import { renderWith } from './support/render.tsx';

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 13), toFake: ['Date', 'setInterval', 'clearInterval'] }));
afterEach(() => vi.useRealTimers());

type Change = Parameters<typeof aConversation>[1];

function Selected() {
  return <output>{useInboxView().selectedConversationId}</output>;
}

function details(change: Change = {}, prepare: (fake: FakeChat) => void = () => undefined) {
  const fake = fakeChat();
  fake.conversations.at('c1').set(aConversation('c1', change));
  fake.showThread('c1', []);
  prepare(fake);
  renderWith(fake, <><ConversationDetails conversationId="c1" /><Selected /></>, { desk: fakeDesk() });
  return fake;
}
const part = (name: string) => within(screen.getByRole('region', { name }));
const fact = (name: string) => screen.getByText(name).nextElementSibling?.textContent;
const bot = { type: 'bot', author: { kind: 'bot' } } as const;

describe('the details of a person', () => {
  it('say who they are, what time it is there, which language they speak and where they are', () => {
    details({
      user: { id: 'u', name: 'Mia', email: 'mia@parlor.test', isOnline: true, timezone: 'America/New_York', locale: 'pt-BR' },
      metadata: { page: 'https://shop.test/lamps' },
    });
    expect(fact('E-mail')).toBe('mia@parlor.test');
    expect(fact('Local time')).toMatch(/Sun.*8:00.*America\/New York/);
    expect(fact('Language')).toBe('Brazilian Portuguese');
    expect(fact('Page')).toBe('https://shop.test/lamps');
    expect(part('Person').getByText('Online')).toBeTruthy();
  });

  it('say what is not known, and bear what no browser knows', () => {
    details({ user: { id: 'u', name: '', isOnline: false, timezone: 'Moon/Base', locale: '??' } });
    expect(fact('E-mail')).toBe('Not known');
    expect(fact('Local time')).toContain('Moon/Base');
    expect(fact('Language')).toBe('??');
    expect(fact('Page')).toBe('Not known');
    expect(screen.getByRole('complementary', { name: 'About Visitor' })).toBeTruthy();
  });
});

describe('the path through the funnel', () => {
  it('is what was asked and what was answered, step by step, with the stage one is at', async () => {
    await act(async () =>
      void details({}, (fake) => {
        fake.chat.funnel = async () => ({ id: 'demo', name: 'Demo', startBlockId: 's', stages: [{ id: 'st', name: 'Choosing', explanation: '', blockIds: [] }], blocks: {} });
        fake.showThread('c1', [
          aMessage('a', { ...bot, text: 'What do you need?', metadata: { blockId: 'b1' } }),
          aMessage('b', { seq: 2, text: 'A lamp', metadata: { optionId: 'o' } }),
          aMessage('b2', { seq: 3, ...bot, text: 'Sorry?', metadata: { blockId: 'b1' } }),
          aMessage('b3', { seq: 4, text: 'A floor lamp', metadata: { optionId: 'o' } }),
          aMessage('c', { seq: 5, ...bot, text: 'Where?', metadata: { blockId: 'b2', funnelStage: 'st' } }),
          aMessage('d', { seq: 6, type: 'bot', author: { kind: 'agent', id: 'ada' }, text: 'Hello, Ada here' }),
          aMessage('e', { seq: 7, text: 'In the hall' }),
          aMessage('f', { seq: 8, text: 'By the door' }),
        ]);
      }),
    );
    expect(part('Path through the funnel').getAllByRole('listitem').map((each) => each.textContent)).toEqual(['What do you need?A floor lamp', 'Where?In the hall']);
    expect(part('Path through the funnel').getByText('Now at: Choosing')).toBeTruthy();
  });

  it('says that there is none yet', () => {
    details();
    expect(part('Path through the funnel').getByText(/No step of a funnel yet/)).toBeTruthy();
  });

  it('names no stage and misses no step while newer words are not loaded', () => {
    const fake = details({}, (each) =>
      each.showThread('c1', [aMessage('a', { ...bot, text: 'Where?', metadata: { blockId: 'b1', funnelStage: 'st' } })], { hasNewer: true }),
    );
    expect(part('Path through the funnel').getByText('Where?')).toBeTruthy();
    expect(screen.queryByText(/Now at/)).toBeNull();
    act(() => fake.showThread('c1', [aMessage('m')], { hasNewer: true }));
    expect(screen.queryByText(/No step of a funnel yet/)).toBeNull();
  });

  it('fetches its beginning when asked', () => {
    const fake = details({}, (each) => each.showThread('c1', [aMessage('m')], { hasOlder: true }));
    fireEvent.click(screen.getByRole('button', { name: 'Load earlier steps' }));
    expect(fake.called('loadOlder')).toEqual([['loadOlder', 'c1']]);
  });
});

describe('collected answers', () => {
  it('are the plain values, of the conversation before the person', () => {
    details({ metadata: { size: 'L', page: '/x', nested: { a: 1 } }, user: { id: 'u', name: 'Mia', isOnline: false, metadata: { size: 'M', plan: 'pro' } } });
    expect(part('Collected answers').getAllByRole('term').map((each) => `${each.textContent}=${each.nextElementSibling?.textContent}`)).toEqual(['size=L', 'plan=pro']);
  });

  it('say that there are none', () => {
    details();
    expect(part('Collected answers').getByText(/Nothing collected yet/)).toBeTruthy();
  });
});

describe('labels', () => {
  const field = () => screen.getByRole<HTMLInputElement>('combobox', { name: 'Add a label' });
  const enter = (text: string, key = 'Enter') => {
    fireEvent.change(field(), { target: { value: text } });
    fireEvent.keyDown(field(), { key });
  };

  it('are added once, removed, and offered from those in use', () => {
    const fake = details({ labels: ['vip'] });
    expect([...document.querySelectorAll('datalist option')].map((each) => each.textContent)).toEqual(['billing']);
    enter('  urgent ');
    enter('vip');
    enter('   ');
    fireEvent.click(screen.getByRole('button', { name: 'Remove vip' }));
    expect(fake.called('update').map(([, , change]) => change)).toEqual([{ addLabels: ['urgent'] }, { removeLabels: ['vip'] }]);
    expect(document.activeElement).toBe(field());
  });

  it('are not added by leaving the field, which keeps what is typed, nor by Escape, which drops it', () => {
    const fake = details({ labels: ['vip'] });
    enter('bill', 'l');
    fireEvent.blur(field());
    expect(field().value).toBe('bill');
    expect(fireEvent.keyDown(field(), { key: 'Escape' })).toBe(false);
    fireEvent.blur(field());
    expect(field().value).toBe('');
    expect(fake.called('update')).toEqual([]);
    // Empty, it leaves Escape to the page.
    expect(fireEvent.keyDown(field(), { key: 'Escape' })).toBe(true);
  });

  it('are added when one of those offered is chosen', () => {
    const fake = details({ labels: ['vip'] });
    fireEvent.input(field(), { target: { value: 'billing' }, inputType: 'insertText' });
    expect([fake.called('update'), field().value]).toEqual([[], 'billing']);
    fireEvent.input(field(), { target: { value: '' }, inputType: 'deleteContentBackward' });
    fireEvent.input(field(), { target: { value: 'billing' }, inputType: 'insertReplacementText' });
    expect(fake.called('update')).toEqual([['update', 'c1', { addLabels: ['billing'] }]]);
    expect(field().value).toBe('');
  });

  it('are as many as the server keeps', () => {
    details({ labels: Array.from({ length: 20 }, (_, index) => `label ${index}`) });
    expect(field().disabled).toBe(true);
    expect(screen.getByText(/20 labels are the most/)).toBeTruthy();
  });
});

describe('earlier conversations', () => {
  const others = { userId: 'user-c1', status: 'all', archived: 'all' } as const;

  it('are those of the same person without this one, and open', () => {
    details({}, (fake) => {
      fake.chat.list = (filters) => (JSON.stringify(filters) === JSON.stringify(others) ? fake.lists.at('others') : fake.lists.at('rest'));
      fake.conversations.at('c0').set(aConversation('c0', { lastMessage: 'Before', status: 'closed' }));
      fake.lists.at('others').set({ ...fake.lists.at('others').get(), ids: ['c1', 'c0'], total: 2, isLoaded: true, isLoading: false });
    });
    const rows = part('Earlier conversations').getAllByRole('button');
    expect(rows.map((each) => each.textContent)).toEqual([expect.stringContaining('Before')]);
    fireEvent.click(rows[0] as HTMLElement);
    expect(document.querySelector('output')?.textContent).toBe('c0');
  });

  it('lead to the one this continues', () => {
    details({ previousId: 'c0' });
    fireEvent.click(screen.getByRole('button', { name: 'Continues an earlier conversation' }));
    expect(document.querySelector('output')?.textContent).toBe('c0');
  });
});

describe('axe', () => {
  it('finds nothing wrong', async () => {
    details({ labels: ['vip'], previousId: 'c0' });
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false }, region: { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html)])).toEqual([]);
  });
});
