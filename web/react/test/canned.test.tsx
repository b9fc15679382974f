import { act, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { LiveChatComposer } from '../src/index.ts';
import { fillVariables } from '../src/text/variables.ts';
import { matchAnswers } from '../src/thread/canned-answers.tsx';
import { aConversation, fakeChat } from './support/fake-chat.ts';
import { fakeDesk } from './support/fake-desk.ts';
import { renderWith } from './support/render.tsx';

const field = () => screen.getByRole<HTMLTextAreaElement>('textbox');
const type = (text: string) => fireEvent.change(field(), { target: { value: text } });
const press = (key: string, init: KeyboardEventInit = {}) => fireEvent.keyDown(field(), { key, ...init });
const options = () => screen.queryAllByRole('option').map((each) => each.querySelector('strong')?.textContent);
const active = () => document.getElementById(field().getAttribute('aria-activedescendant') ?? '')?.querySelector('strong')?.textContent;

function composer(desk: ReturnType<typeof fakeDesk> | undefined = fakeDesk()) {
  const fake = fakeChat();
  fake.conversations.at('c1').set(aConversation('c1', { user: { id: 'u', name: 'Mia Okafor', isOnline: true } }));
  renderWith(fake, <LiveChatComposer conversationId="c1" />, desk && { desk });
  return fake;
}

describe('saved answers', () => {
  it('open with a slash and are filtered by what follows', () => {
    composer();
    type('/');
    expect(options()).toEqual(['/hello', '/bye', '/shipping']);
    type('/hel');
    // By its text as well, behind those whose shortcut fits.
    expect(options()).toEqual(['/hello', '/shipping']);
    type('1/2 of it');
    expect(options()).toEqual([]);
  });

  it('are chosen with the keyboard while the focus stays in the field', () => {
    const fake = composer();
    type('/');
    expect(active()).toBe('/hello');
    press('ArrowDown');
    expect(active()).toBe('/bye');
    press('ArrowUp');
    press('ArrowUp');
    expect(active()).toBe('/shipping');
    press('ArrowDown');
    press('Enter');
    expect(field().value).toBe('Hello Mia, Ada here.');
    expect(options()).toEqual([]);
    expect(fake.called('send')).toEqual([]);
    press('Enter');
    expect(fake.called('send')).toHaveLength(1);
  });

  it('are chosen with a click', () => {
    composer();
    type('/b');
    fireEvent.click(screen.getByRole('option', { name: /bye/ }));
    expect(field().value).toBe('Goodbye Mia Okafor!');
  });

  it('close on Escape, which does nothing else, and open again with the next letter', () => {
    composer();
    type('/h');
    expect(press('Escape')).toBe(false);
    expect(options()).toEqual([]);
    expect(field().value).toBe('/h');
    type('/he');
    expect(options()).toContain('/hello');
  });

  it('say that nothing fits, and Enter then sends what was typed', () => {
    const fake = composer();
    type('/nothing like it');
    expect(screen.getByRole('status').textContent).toBe('No saved answer matches');
    press('Enter');
    expect(fake.called('send')[0]?.[2]).toMatchObject({ text: '/nothing like it' });
  });

  it('that are still loading keep Enter from sending the shortcut, and say how to send it all the same', () => {
    const desk = fakeDesk();
    const answers = desk.cannedAnswers.get();
    desk.cannedAnswers.set(undefined);
    const fake = composer(desk);
    type('/bye');
    expect(screen.getByRole('status').textContent).toMatch(/^Saved answers are loading/);
    expect(press('Enter')).toBe(false);
    expect([fake.called('send'), field().value]).toEqual([[], '/bye']);
    act(() => desk.cannedAnswers.set(answers));
    press('Enter');
    expect(field().value).toBe('Goodbye Mia Okafor!');
    act(() => desk.cannedAnswers.set(undefined));
    type('/bye');
    press('Escape');
    press('Enter');
    expect(fake.called('send')[0]?.[2]).toMatchObject({ text: '/bye' });
  });

  it('leave Shift+Tab and Shift+Enter to the field', () => {
    const fake = composer();
    type('/bye');
    for (const key of ['Tab', 'Enter']) expect(press(key, { shiftKey: true })).toBe(true);
    expect([fake.called('send'), field().value]).toEqual([[], '/bye']);
  });

  it('are not there without a desk', () => {
    const fake = fakeChat();
    fake.conversations.at('c1').set(aConversation('c1'));
    renderWith(fake, <LiveChatComposer conversationId="c1" />);
    type('/');
    expect(options()).toEqual([]);
  });

  it('come in the order of how well they fit', () => {
    const answers = [
      { id: '1', shortcut: 'late', text: 'x', version: 1 },
      { id: '2', shortcut: 'translate', text: 'x', version: 1 },
      { id: '3', shortcut: 'x', text: 'Too late', version: 1 },
      { id: '4', shortcut: 'x', text: 'x', version: 1 },
    ];
    expect(matchAnswers(answers, 'LATE').map(({ id }) => id)).toEqual(['1', '2', '3']);
  });
});

describe('variables', () => {
  const conversation = aConversation('c', { funnelName: 'Shop', user: { id: 'u', name: 'Mia Okafor', isOnline: false } });
  const me = { workspace: { id: 'w', name: 'demo' }, role: 'agent', sub: 'ada', name: 'Ada Lovelace' } as const;

  it('are filled in', () => {
    expect(fillVariables('{{user.firstName}}/{{ user.name }}/{{agent.firstName}}/{{agent.name}}/{{conversation.funnelName}}', conversation, me)).toBe(
      'Mia/Mia Okafor/Ada/Ada Lovelace/Shop',
    );
  });

  it('without a value go with the space before them; unknown ones stay to be seen', () => {
    const unnamed = aConversation('c', { user: { id: 'u', name: '', isOnline: false } });
    expect(fillVariables('Hello {{user.firstName}}, about {{order.number}} {{constructor}}', unnamed, me)).toBe('Hello, about {{order.number}} {{constructor}}');
  });
});
