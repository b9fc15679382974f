import { act, createEvent, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { ConversationCard, LiveChatComposer, LiveChatView } from '../src/index.ts';
import { aConversation, aMessage, anError, fakeChat } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

const field = () => screen.getByRole<HTMLTextAreaElement>('textbox');
const type = (text: string) => fireEvent.change(field(), { target: { value: text } });
const enter = (init: KeyboardEventInit = {}) => fireEvent.keyDown(field(), { key: 'Enter', ...init });

function composer(change: Parameters<typeof aConversation>[1] = {}) {
  const fake = fakeChat();
  fake.conversations.at('c1').set(aConversation('c1', change));
  renderWith(fake, <LiveChatComposer conversationId="c1" />);
  return fake;
}

describe('the composer', () => {
  it('sends on Enter, trimmed, and is empty again', () => {
    const fake = composer();
    type('  Hello  ');
    enter();
    expect(fake.called('send')).toEqual([['send', 'c1', { text: 'Hello', ifHolder: 'bot' }]]);
    expect(field().value).toBe('');
  });

  it('does not send on Shift+Enter, nor what is only white space', () => {
    const fake = composer();
    type('Hello');
    const broken = createEvent.keyDown(field(), { key: 'Enter', shiftKey: true });
    fireEvent(field(), broken);
    expect(broken.defaultPrevented).toBe(false);
    type('   ');
    enter();
    expect(fake.called('send')).toEqual([]);
  });

  it('leaves Enter to the input method while a word is composed', () => {
    const fake = composer();
    type('にほん');
    enter({ isComposing: true });
    enter({ keyCode: 229 });
    expect(fake.called('send')).toEqual([]);
    enter();
    expect(fake.called('send')).toHaveLength(1);
  });

  it('refuses a text that is too long and says by how much', () => {
    const fake = composer();
    type('x'.repeat(10_002));
    enter();
    expect(fake.called('send')).toEqual([]);
    expect(screen.getByRole('alert').textContent).toContain('2 characters too long');
  });

  it('keeps a draft per conversation and marks its row', () => {
    const fake = fakeChat();
    for (const id of ['c1', 'c2']) fake.conversations.at(id).set(aConversation(id));
    const ui = (id: string) => (
      <>
        <ConversationCard id="c1" />
        <LiveChatComposer key={id} conversationId={id} />
      </>
    );
    const { rerender } = renderWith(fake, ui('c1'));
    type('Half a th');
    rerender(ui('c2'));
    expect(field().value).toBe('');
    expect(screen.getByText('Draft:').parentElement?.textContent).toBe('Draft: Half a th');
    rerender(ui('c1'));
    expect(field().value).toBe('Half a th');
    enter();
    expect(screen.queryByText('Draft:')).toBeNull();
  });

  it('names who else answers, and asks the server to refuse if that changes', () => {
    const fake = composer({ handler: 'agent', assignee: { id: 'ann', name: 'Ann' } });
    expect(screen.getByText(/Ann is answering/)).toBeTruthy();
    type('Me too');
    enter();
    expect(fake.called('send')[0]?.[2]).toEqual({ text: 'Me too', ifHolder: 'ann' });
  });

  it('expects no holder for the second of two messages in a row', () => {
    const fake = composer({ handler: 'queue' });
    type('One');
    enter();
    type('Two');
    enter();
    expect(fake.called('send').map(([, , message]) => message)).toEqual([{ text: 'One', ifHolder: 'queue' }, { text: 'Two' }]);
  });

  it('says that sending reopens, and takes it out of the archive', () => {
    const fake = composer({ status: 'closed', isArchived: true });
    expect(screen.getByText(/Sending a message reopens it/)).toBeTruthy();
    type('Back');
    enter();
    expect(fake.called('send')[0]?.[2]).toEqual({ text: 'Back', reopen: true });
  });

  it('tells that somebody writes and that they stopped', () => {
    const fake = composer();
    type('H');
    type('');
    expect(fake.called('setTyping')).toEqual([['setTyping', 'c1', true], ['setTyping', 'c1', false]]);
  });
});

describe('a sent message', () => {
  function thread() {
    const fake = fakeChat();
    fake.conversations.at('c1').set(aConversation('c1'));
    fake.showThread('c1', [aMessage('m1')]);
    renderWith(fake, <LiveChatView conversationId="c1" />);
    return fake;
  }
  const bubble = (text: string) => screen.getByText(text).closest('.pl-message');

  it('is shown at once, keeps its node when it is stored, and says where it stands', () => {
    const fake = thread();
    type('On its way');
    enter();
    const node = bubble('On its way');
    expect(node?.textContent).toContain('Sending…');
    act(() => fake.put({ ...aMessage('sent-1'), text: 'On its way', type: 'bot', author: { kind: 'agent', id: 'ada' }, seq: 2, state: 'read' }));
    expect(bubble('On its way')).toBe(node);
    expect(node?.textContent).toContain('Read');
    expect(node?.textContent).not.toContain('Sending');
  });

  it('that failed says why and can be sent again or deleted', () => {
    const fake = thread();
    const failed = aMessage('m2', { type: 'bot', author: { kind: 'agent', id: 'ada' }, seq: 0, state: 'failed', error: anError('rate-limited', 'Too many messages.') });
    act(() => fake.put(failed));
    expect(bubble('Text of m2')?.textContent).toContain('Not sent. Too many messages.');
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    fireEvent.click(screen.getByRole('button', { name: 'Delete' }));
    expect(fake.called('retry')).toEqual([['retry', 'm2']]);
    expect(fake.called('discard')).toEqual([['discard', 'm2']]);
  });

  it('that somebody else forestalled returns to the field', () => {
    const fake = thread();
    const failed = aMessage('m2', { type: 'bot', author: { kind: 'agent', id: 'ada' }, seq: 0, state: 'failed', error: anError('held-by-another', 'Ann is answering.') });
    act(() => fake.put(failed));
    fireEvent.click(screen.getByRole('button', { name: 'Edit' }));
    expect(fake.called('discard')).toEqual([['discard', 'm2']]);
    expect(field().value).toBe('Text of m2');
  });
});
