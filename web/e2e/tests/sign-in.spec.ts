import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Inbox } from '../support/inbox.ts';
import { expect, test } from '../support/test.ts';

test('a link signs in once, and its code stays nowhere', async ({ server, browser }) => {
  const link = await server.link();
  const mine = new Inbox(await (await browser.newContext()).newPage());
  await mine.signIn(link);
  await expect(mine.page).toHaveURL(`${server.url}/`);

  const theirs = await (await browser.newContext()).newPage();
  await theirs.goto(link);
  await expect(theirs.getByRole('heading', { name: 'This link does not work any more' })).toBeVisible();
  await expect(theirs.getByText('parlor link', { exact: true })).toBeVisible();
  await expect(theirs).toHaveURL(`${server.url}/`);

  // The one who was first is still in.
  await mine.page.reload();
  await expect(mine.row('Noor Haddad')).toBeVisible();
});

test('whoever has no session is told how to get one, and it is no error', async ({ server, page }) => {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(server.url);
  await expect(page.getByRole('heading', { name: 'Sign in to Parlor' })).toBeVisible();
  expect(errors).toEqual([]);
  await expect(page.getByText('parlor link', { exact: true })).toBeVisible();
  // The link opened in this very tab is enough.
  await page.goto(await server.newLink({ sub: 'ben', name: 'Ben' }));
  await expect(page.getByText('Ben', { exact: true }).first()).toBeVisible();
});

test('signing out leaves nothing to go back to', async ({ inbox }) => {
  await inbox.open('Noor Haddad');
  await inbox.signOut();
  await expect(inbox.page.getByRole('heading', { name: 'Sign in to Parlor' })).toBeFocused();
  await inbox.page.goBack();
  await expect(inbox.page.getByRole('heading', { name: 'Sign in to Parlor' })).toBeVisible();
  await expect(inbox.page.getByText('Noor Haddad')).toHaveCount(0);
  expect(await inbox.page.evaluate(async () => (await fetch('/api/live-chat/conversations')).status)).toBe(401);
});

test('a link for somebody else, opened in a new tab, is who one is in every tab', async ({ inbox, server, context }) => {
  await inbox.open('Noor Haddad');
  await inbox.composer.fill('As Ada');
  const other = new Inbox(await context.newPage());
  await other.signIn(await server.newLink({ sub: 'ben', name: 'Ben' }));
  await expect(inbox.page.getByRole('button', { name: 'Account Ben' })).toBeVisible();
  await expect(inbox.composer).toHaveValue('');
  await inbox.send('From Ben');
  await expect(other.row('From Ben')).toContainText('Ben');
  await expect(inbox.message('From Ben')).toHaveAttribute('data-state', 'sent');
});

test('a page of another origin cannot act with the cookie', async ({ inbox, server, context }) => {
  // Another port of this machine is another origin, but the same site: its requests do carry the cookie.
  const elsewhere = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<title>Elsewhere</title>'));
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
  const evil = await context.newPage();
  await evil.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);

  const { conversations } = await server.api<{ conversations: { id: string }[] }>(ben, 'GET', '/conversations?search=Noor&messages=0');
  const id = conversations[0]?.id ?? '';
  const outcome = await evil.evaluate(attack, { url: server.url, id });
  expect(outcome).toEqual({ json: 'blocked', plain: 'opaque', read: 'blocked', socket: 'closed' });
  const { messages } = await server.api<{ messages: { text: string }[] }>(ben, 'GET', `/conversations/${id}/messages`);
  expect(messages.map(({ text }) => text)).not.toContain('From elsewhere');
  elsewhere.close();

  // The console's own page can.
  await inbox.open('Noor Haddad');
  await inbox.send('From here');
  await expect(inbox.message('From here')).toHaveAttribute('data-state', 'sent');
});

const ben = { role: 'agent', sub: 'ben', name: 'Ben' } as const;

/** What a page may try with somebody else's cookie. Runs in the page. */
async function attack({ url, id }: { url: string; id: string }) {
  const api = `${url}/api/live-chat`;
  const attempt = (path: string, init: RequestInit = {}) =>
    fetch(api + path, { credentials: 'include', ...init }).then(
      ({ type }) => type,
      () => 'blocked',
    );
  const message = { method: 'POST', body: JSON.stringify({ conversationId: id, text: 'From elsewhere', type: 'bot' }) };
  const socket = new WebSocket(`${api.replace('http', 'ws')}/ws`, 'parlor.v1');
  const heard = new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => resolve(data));
    socket.addEventListener('close', () => resolve('closed'));
  });
  return {
    json: await attempt('/messages', { ...message, headers: { 'Content-Type': 'application/json' } }),
    // The browser asks nobody before this one; only the server can refuse it.
    plain: await attempt('/messages', { ...message, mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } }),
    read: await attempt('/conversations'),
    socket: await heard,
  };
}
