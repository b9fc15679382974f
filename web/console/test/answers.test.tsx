import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import type { CannedAnswer } from '@parlor/client/desk';
import type { TestServer } from '@parlor/client/testing';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { found, shortcutOf, wrongFields } from '../src/answers/draft.ts';
import { meanwhile, open as openAt, serve, tidy } from './support/page.tsx';

const ada = { role: 'agent', sub: 'ada', name: 'Ada Lovelace' } as const;
const hello = { id: 'a', shortcut: 'hello', text: 'Hello {{user.firstName}}', version: 1 } satisfies CannedAnswer;
const refund = { id: 'b', shortcut: 'Refund', text: 'The money is on its way.', version: 2 } satisfies CannedAnswer;

let server: TestServer;
/** What a colleague does meanwhile. */
async function colleague(method: 'PUT' | 'DELETE', { id, shortcut: word, text: words }: Omit<CannedAnswer, 'version'>) {
  const headers = { Authorization: `Bearer ${server.token({ role: 'agent', sub: 'ben' })}` };
  const body = method === 'PUT' ? { body: JSON.stringify({ shortcut: word, text: words }) } : {};
  await act(async () => void (await server.fetch(`${server.url}/api/live-chat/canned-answers/${id}`, { method, headers, ...body })));
}
async function stored(): Promise<readonly CannedAnswer[]> {
  const headers = { Authorization: `Bearer ${server.token({ role: 'agent', sub: 'ben' })}` };
  const answer = await server.fetch(`${server.url}/api/live-chat/canned-answers`, { headers });
  return ((await answer.json()) as { cannedAnswers: CannedAnswer[] }).cannedAnswers;
}
async function open(answers: readonly CannedAnswer[] = [hello, refund], address = '/?settings=answers') {
  server = serve(ada);
  for (const each of answers) await colleague('PUT', each);
  openAt(address);
}
const button = (name: string | RegExp) => screen.getByRole('button', { name });
const row = (name: string) => screen.findByRole('button', { name: new RegExp(`^/${name}`) });
const shortcut = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Shortcut' });
const text = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Text' });
const write = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });
const rows = () => screen.getAllByRole('listitem').flatMap((item) => within(item).queryAllByRole('button', { name: /^\// })).map(({ textContent }) => textContent);

tidy();
beforeAll(() => import('../src/answers/answers-page.tsx'));

describe('a draft', () => {
  it('is wrong where the server would not take it', () => {
    const wrong = (shortcut: string, text = 'x') => [...wrongFields({ shortcut, text }, [refund]).values()];
    expect([wrong('/hello'), wrong(' hello '), wrong('h'.repeat(50))]).toEqual([[], [], []]);
    expect([wrong(''), wrong('/'), wrong('two words'), wrong('h'.repeat(51))]).toEqual(Array.from({ length: 4 }, () => ['shortcutWrong']));
    expect(wrong('/REFUND')).toEqual(['shortcutTaken']);
    expect([wrong('a', ' '), wrong('a', '😀'.repeat(4_001))]).toEqual([['textWrong'], ['textWrong']]);
    expect(wrong('a', '😀'.repeat(4_000))).toEqual([]);
    expect(shortcutOf(' //a ')).toBe('/a');
  });

  it('is found by every word, of shortcut and text', () => {
    expect(found([hello, refund], 'MONEY way')).toEqual([refund]);
    expect(found([hello, refund], '/ref')).toEqual([refund]);
    expect(found([hello, refund], 'hello money')).toEqual([]);
    expect(found([hello, refund], ' ')).toHaveLength(2);
  });
});

describe('the page of saved answers', () => {
  it('opens from the settings, as a step one can go back from', async () => {
    await open([], '/?status=all');
    fireEvent.click(await screen.findByRole('button', { name: 'Saved answers', hidden: true }));
    expect(await screen.findByRole('heading', { name: 'Saved answers' })).toBeTruthy();
    expect(window.location.search).toBe('?settings=answers');
    expect(await screen.findByText(/^There are none yet/)).toBeTruthy();
    fireEvent.click(button('Back'));
    expect(await screen.findByRole('heading', { name: 'Inbox' })).toBeTruthy();
    await waitFor(() => expect(window.location.search).toBe('?status=all'));
  });

  it('makes one with variables, shows how it would be sent, and puts the focus on it', async () => {
    await open();
    await row('hello');
    write(screen.getByRole('searchbox', { name: 'Search saved answers' }), 'refund');
    expect(rows()).toEqual([expect.stringContaining('/Refund')]);
    expect(screen.getByText('1 saved answer')).toBeTruthy();
    fireEvent.click(button('New saved answer'));
    expect(document.activeElement).toBe(shortcut());
    write(shortcut(), '/thanks');
    write(text(), 'Thank you, ! {{order}}');
    text().setSelectionRange(11, 11);
    fireEvent.click(button('Insert {{user.firstName}}: the person’s first name'));
    expect(text().value).toBe('Thank you, {{user.firstName}}! {{order}}');
    await waitFor(() => expect(document.activeElement).toBe(text()));
    expect(screen.getByText('Thank you, Maria! {{order}}')).toBeTruthy();
    expect(await screen.findByText('As you would send it to Maria Silva in “Lamp shop”.')).toBeTruthy();
    expect(screen.getByText('Not known here, so it would be sent as it stands: {{order}}')).toBeTruthy();
    fireEvent.click(button('Save'));
    expect(await screen.findByText('Saved. Every agent finds /thanks from now on.')).toBeTruthy();
    await waitFor(() => expect(document.activeElement?.textContent).toMatch(/^\/thanks/));
    expect(rows()).toHaveLength(3);
    expect((await stored()).find((each) => each.shortcut === 'thanks')?.text).toBe('Thank you, {{user.firstName}}! {{order}}');
  });

  it('names what is wrong at its field, and puts the focus there', async () => {
    await open();
    await row('hello');
    fireEvent.click(button('New saved answer'));
    fireEvent.click(button('Save'));
    expect(screen.getByText('One word of 1 to 50 characters.')).toBeTruthy();
    expect(screen.getByText('Write 1 to 4,000 characters.')).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(shortcut()));
    write(shortcut(), 'HELLO');
    write(text(), 'Hi');
    expect(screen.getByText(/^Another saved answer has this shortcut/)).toBeTruthy();
    write(shortcut(), 'hi');
    server.refuseNext([422, 'validation']);
    fireEvent.click(button('Save'));
    expect((await screen.findByRole('alert')).textContent).toMatch(/^Not saved\./);
    expect([shortcut().value, text().value]).toEqual(['hi', 'Hi']);
    fireEvent.click(button('Save'));
    expect(await screen.findByText(/^Saved\./)).toBeTruthy();
  });

  it('changes one where it stands, and asks before what was written is lost', async () => {
    await open();
    fireEvent.click(await row('hello'));
    expect((await row('hello')).getAttribute('aria-expanded')).toBe('true');
    write(text(), 'Good day');
    vi.mocked(window.confirm).mockReturnValueOnce(false);
    fireEvent.click(await row('Refund'));
    expect(text().value).toBe('Good day');
    vi.mocked(window.confirm).mockReturnValueOnce(false);
    fireEvent.click(button('Back'));
    expect(text().value).toBe('Good day');
    vi.mocked(window.confirm).mockReturnValueOnce(false);
    fireEvent.keyDown(text(), { key: 'Escape' });
    expect(text().value).toBe('Good day');
    fireEvent.click(button('Save'));
    expect(await screen.findByText(/^Saved\./)).toBeTruthy();
    expect(await stored()).toContainEqual({ ...hello, text: 'Good day', version: 3 });
    fireEvent.click(await row('hello'));
    fireEvent.keyDown(text(), { key: 'Escape' });
    await waitFor(async () => expect(document.activeElement).toBe(await row('hello')));
    expect(window.confirm).toHaveBeenCalledTimes(3);
  });

  it('deletes one after asking', async () => {
    await open();
    fireEvent.click(await row('hello'));
    fireEvent.click(button('Delete…'));
    const dialog = () => within(screen.getByRole('dialog', { name: 'Delete /hello?' }));
    expect(document.activeElement).toBe(dialog().getByRole('button', { name: 'Cancel' }));
    fireEvent.click(dialog().getByRole('button', { name: 'Cancel' }));
    expect(document.activeElement).toBe(button('Delete…'));
    fireEvent.click(button('Delete…'));
    server.refuseNext([503, 'unavailable']);
    fireEvent.click(dialog().getByRole('button', { name: 'Delete' }));
    expect((await dialog().findByRole('alert')).textContent).toMatch(/^Not deleted\./);
    fireEvent.click(dialog().getByRole('button', { name: 'Delete' }));
    expect(await screen.findByText('/hello is deleted.')).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(button('New saved answer')));
    expect(await stored()).toEqual([refund]);
  });

  it('follows what colleagues do, and loses nothing that is being written', async () => {
    await open();
    fireEvent.click(await row('hello'));
    await colleague('PUT', { ...hello, text: 'Their words' });
    await waitFor(() => expect(text().value).toBe('Their words'));
    write(text(), 'My words');
    await colleague('PUT', { ...hello, text: 'Their next words' });
    expect(await screen.findByText(/^Somebody else changed this answer meanwhile/)).toBeTruthy();
    expect(text().value).toBe('My words');
    await colleague('DELETE', hello);
    expect(await screen.findByText(/^Somebody else deleted this answer meanwhile/)).toBeTruthy();
    expect(text().value).toBe('My words');
    await colleague('PUT', { ...hello, text: 'Their last words' });
    fireEvent.click(await screen.findByRole('button', { name: 'Keep theirs' }));
    expect(text().value).toBe('Their last words');
    expect(document.activeElement).toBe(text());
    await colleague('PUT', { id: 'c', shortcut: 'new', text: 'Of Ben' });
    expect(await row('new')).toBeTruthy();
  });
});

describe('of two who change the same answer', () => {
  /** Saved here while a colleague was faster, which nobody had said yet. */
  async function beLate(theirs = 'Their words') {
    meanwhile(() => colleague('PUT', { ...hello, text: theirs }));
    fireEvent.click(button('Save'));
    expect((await screen.findByRole('alert')).textContent).toBe('Not saved. Somebody else changed this answer meanwhile. Choose which of the two stays.');
    return within(await screen.findByRole('region', { name: 'Theirs now' }));
  }
  async function writeMine() {
    await open();
    fireEvent.click(await row('hello'));
    write(text(), 'My words');
  }
  const isStored = async (words: string) => expect((await stored()).find(({ id }) => id === 'a')?.text).toBe(words);

  it('the second keeps the draft, sees what the first wrote, and saves nothing over it unasked', async () => {
    await writeMine();
    const theirs = await beLate();
    expect(text().value).toBe('My words');
    expect(theirs.getByText('Their words')).toBeTruthy();
    expect(theirs.getByText('/hello')).toBeTruthy();
    expect(button('Save').getAttribute('aria-disabled')).toBe('true');
    fireEvent.click(button('Save'));
    await isStored('Their words');
    fireEvent.click(theirs.getByRole('button', { name: 'Save mine instead' }));
    expect(await screen.findByText('Saved. Every agent finds /hello from now on.')).toBeTruthy();
    await isStored('My words');
  });

  it('the second is led to the choice by whatever would save, and keeps the focus while it is saved', async () => {
    await writeMine();
    await beLate();
    button('Save').focus();
    fireEvent.submit(screen.getByRole('form', { name: 'Saved answer /hello' }));
    expect(document.activeElement).toBe(button('Save mine instead'));
    const why = document.getElementById(button('Save').getAttribute('aria-describedby') ?? '');
    expect(why?.textContent).toBe('Not saved. Somebody else changed this answer meanwhile. Choose which of the two stays.');
    let focused: Element | null = null;
    meanwhile(async () => {
      await waitFor(() => expect(screen.queryByRole('region', { name: 'Theirs now' })).toBeNull());
      focused = document.activeElement;
    });
    const save = button('Save');
    fireEvent.click(button('Save mine instead'));
    expect(await screen.findByText(/^Saved\./)).toBeTruthy();
    expect(focused).toBe(save);
  });

  it('the second is not told to choose while there is nothing to choose from', async () => {
    await writeMine();
    const { fetch: through } = server;
    let isBroken = true;
    vi.spyOn(server, 'fetch').mockImplementation((input, init) =>
      isBroken && init?.method === 'GET' && String(input).endsWith('/canned-answers')
        ? Promise.resolve(Response.json({ code: 'forbidden', status: 403, title: 'Not for you.' }, { status: 403 }))
        : through(input, init),
    );
    meanwhile(() => colleague('PUT', { ...hello, text: 'Their words' }));
    fireEvent.click(button('Save'));
    expect((await screen.findByRole('alert')).textContent).toBe('Not saved. Somebody else changed this answer meanwhile. Try again.');
    expect(screen.queryByRole('region', { name: 'Theirs now' })).toBeNull();
    isBroken = false;
    fireEvent.click(button('Save'));
    expect(await screen.findByRole('region', { name: 'Theirs now' })).toBeTruthy();
    expect(screen.getByRole('alert').textContent).toMatch(/Choose which of the two stays\.$/);
    await colleague('PUT', hello);
    await waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/Try again\.$/));
    fireEvent.click(button('Save'));
    expect(await screen.findByText(/^Saved\./)).toBeTruthy();
    await isStored('My words');
  });

  it('the second may go on from what the first wrote', async () => {
    await writeMine();
    const theirs = await beLate();
    fireEvent.click(theirs.getByRole('button', { name: 'Keep theirs' }));
    expect(text().value).toBe('Their words');
    expect(screen.queryByRole('alert')).toBeNull();
    write(text(), 'On from their words');
    fireEvent.click(button('Save'));
    expect(await screen.findByText(/^Saved\./)).toBeTruthy();
    await isStored('On from their words');
  });

  it('the second makes anew what the first deleted, and not over what a third made of it', async () => {
    await writeMine();
    await colleague('DELETE', hello);
    expect(await screen.findByText(/^Somebody else deleted this answer meanwhile/)).toBeTruthy();
    const theirs = await beLate('Of a third');
    expect(theirs.getByText('Of a third')).toBeTruthy();
    expect(text().value).toBe('My words');
    await isStored('Of a third');
  });
});

describe('of two, one who changes what the other deletes', () => {
  const isStored = async (words: string) => expect((await stored()).find(({ id }) => id === 'a')?.text).toBe(words);
  async function confirmDeletion() {
    fireEvent.click(button('Delete…'));
    fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete' }));
    const alert = await screen.findByRole('alert');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).toBe(button('Delete…'));
    return alert.textContent;
  }

  it('the other sees what it says now, and may still delete it', async () => {
    await open();
    fireEvent.click(await row('hello'));
    meanwhile(() => colleague('PUT', { ...hello, text: 'Their words' }));
    expect(await confirmDeletion()).toBe('Not deleted. Somebody else changed this answer meanwhile. Read it before you delete it.');
    expect(text().value).toBe('Their words');
    await isStored('Their words');
    fireEvent.click(button('Delete…'));
    fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete' }));
    expect(await screen.findByText('/hello is deleted.')).toBeTruthy();
  });

  it('the question is about what was there when it was asked', async () => {
    await open();
    fireEvent.click(await row('hello'));
    fireEvent.click(button('Delete…'));
    await colleague('PUT', { ...hello, text: 'Their words' });
    await waitFor(() => expect(text().value).toBe('Their words'));
    fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete' }));
    expect((await screen.findByRole('alert')).textContent).toMatch(/^Not deleted\. Somebody else changed this answer meanwhile\./);
    await isStored('Their words');
  });

  it('the other’s draft stays, and one of the two is chosen', async () => {
    await open();
    fireEvent.click(await row('hello'));
    write(text(), 'My words');
    meanwhile(() => colleague('PUT', { ...hello, text: 'Their words' }));
    expect(await confirmDeletion()).toBe('Not deleted. Somebody else changed this answer meanwhile. Choose which of the two stays.');
    expect(text().value).toBe('My words');
    expect(within(screen.getByRole('region', { name: 'Theirs now' })).getByText('Their words')).toBeTruthy();
    await isStored('Their words');
  });
});

describe('the words of the page', () => {
  it('are all there in Arabic', async () => {
    const { answers } = await import('../src/text/ar-answers.ts');
    const { englishAnswers } = await import('../src/text/answers-words.ts');
    expect(Object.keys(answers).toSorted()).toEqual(Object.keys(englishAnswers).toSorted());
    const texts: string[] = Object.values(answers).flatMap((each) => (typeof each === 'object' ? Object.values<string>(each) : typeof each === 'string' ? [each] : []));
    expect(texts.filter((each) => /[A-Za-z]{2,}/.test(each))).toEqual([]);
  });
});
