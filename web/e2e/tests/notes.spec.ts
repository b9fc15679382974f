import { expectAccessible } from '../support/axe.ts';
import { Inbox } from '../support/inbox.ts';
import { expect, test } from '../support/test.ts';

test('a note is the team\'s alone: the other agent sees it at once, the visitor never, and it moves nothing', async ({ inbox, visitor, server, browser }) => {
  await visitor.askForAPerson('Is the blue one in stock?');
  await inbox.open('Visitor');
  const { page } = inbox;
  const other = await browser.newContext();
  const bens = new Inbox(await other.newPage());
  await bens.signIn(await server.newLink({ sub: 'ben', name: 'Ben' }));
  await bens.open('Visitor');

  await inbox.composer.fill('Half a reply');
  await page.getByRole('radio', { name: 'Note' }).check();
  const field = page.getByRole('textbox', { name: /^Note about/ });
  await field.fill('Three in the cellar, see https://stock.test/blue');
  await field.press('Enter');
  const note = page.getByRole('note').filter({ hasText: 'Three in the cellar' });
  await expect(note).toContainText('You');
  await expect(field).toHaveValue('');
  await expect(bens.page.getByRole('note').filter({ hasText: 'Three in the cellar' })).toContainText('Ada');
  // No activity: the row still tells the last message, and who answers.
  await expect(inbox.row('Visitor')).toContainText('Waiting');
  await expectAccessible(page);

  await page.getByRole('radio', { name: 'Reply' }).check();
  await expect(inbox.composer).toHaveValue('Half a reply');
  await inbox.send('Yes, three of them.');
  await expect(visitor.message('Yes, three of them.')).toBeVisible();
  await visitor.page.reload();
  await expect(visitor.message('Yes, three of them.')).toBeVisible();
  await expect(visitor.page.getByText('in the cellar')).toHaveCount(0);

  // It stands where it was written, also after a reload, and its draft is not the reply's.
  await page.reload();
  await expect(note).toBeVisible();
  await expect(inbox.message('Yes, three of them.')).toBeVisible();
  const order = await inbox.thread.locator('.pl-bubble-text').allTextContents();
  expect(order.indexOf('Is the blue one in stock?')).toBeLessThan(order.findIndex((text) => text.startsWith('Three')));
  expect(order.findIndex((text) => text.startsWith('Three'))).toBeLessThan(order.indexOf('Yes, three of them.'));

  await note.getByRole('button', { name: 'Delete note' }).click();
  await expect(note).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(note).toBeVisible();
  await note.getByRole('button', { name: 'Delete note' }).click();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(bens.page.getByRole('note')).toHaveCount(0);
  await other.close();
});

test('a search finds a note, says that it is one, and opens at it', async ({ inbox, server }) => {
  const { page } = inbox;
  const admin = { role: 'admin', sub: 'ada', name: 'Ada' } as const;
  await inbox.open('Noor Haddad');
  const id = new URL(page.url()).searchParams.get('conversation') ?? '';
  const { note } = await server.api<{ note: { id: string } }>(admin, 'POST', `/conversations/${id}/notes`, { text: 'She is a zeppelin pilot' });
  await expect(page.getByRole('note').filter({ hasText: 'zeppelin' })).toBeVisible();
  await inbox.open('Tomás Silva');
  // The index reads behind the answer.
  const found = async () => (await server.api<{ total: number }>(admin, 'GET', '/conversations?messages=0&search=zepp')).total;
  await expect.poll(found).toBe(1);
  await inbox.search.fill('zepp');
  await expect(inbox.rows).toHaveCount(1);
  const row = inbox.row('Noor Haddad');
  await expect(row).toContainText('Note: She is a zeppelin pilot');
  await expect(row.locator('mark')).toHaveText('zeppelin');
  await expectAccessible(page);
  await row.click();
  await expect(page.getByRole('note').filter({ hasText: 'zeppelin' })).toBeInViewport({ ratio: 0.9 });

  await server.api(admin, 'DELETE', `/conversations/${id}/notes/${note.id}`);
  await expect.poll(found).toBe(0);
  await inbox.search.fill('zeppelin');
  await expect(inbox.list.getByText('Nothing matches “zeppelin”')).toBeVisible();
});
