import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { Inbox } from '../support/inbox.ts';
import { expect, test } from '../support/test.ts';

const ben = { role: 'agent', sub: 'ben', name: 'Ben' } as const;

interface Row {
  id: string;
  user: { name: string };
  status: string;
  labels: string[];
}

test('one closes many at once and takes it back', async ({ inbox, server }) => {
  const { page } = inbox;
  await page.getByRole('button', { name: 'Select conversations' }).click();
  await box(page, 'Noor Haddad').click();
  await box(page, 'Ingrid Bakke').click({ modifiers: ['Shift'] });
  await expect(page.getByText('3 selected')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('group', { name: 'Select conversations' }).getByRole('button', { name: 'Close' }).click();
  await expect(inbox.row('Noor Haddad')).toHaveCount(0);
  const notice = page.getByRole('status').filter({ hasText: '3 conversations closed' });
  await expect(notice).toBeVisible();
  await expect(notice.getByRole('button', { name: 'Undo' })).toBeFocused();

  await expect.poll(async () => (await find(server, 'Noor Haddad')).status).toBe('closed');
  await page.keyboard.press('Enter');
  await expect(inbox.row('Noor Haddad')).toBeVisible();
  await expect(inbox.row('Ingrid Bakke')).toBeVisible();
  await expect.poll(async () => (await find(server, 'Noor Haddad')).status).toBe('open');
});

test('labels and hands over many, and finds them by it', async ({ inbox, server }) => {
  const { page } = inbox;
  await page.getByRole('button', { name: 'Select conversations' }).click();
  await box(page, 'Noor Haddad').click();
  await box(page, 'Tomás Silva').click();
  await page.getByRole('button', { name: 'Label', exact: true }).click();
  await page.getByRole('combobox', { name: 'Label' }).fill('urgent');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText('2 conversations labelled “urgent”')).toBeVisible();
  await expect(inbox.row('Noor Haddad')).toContainText('urgent');
  await expect.poll(async () => (await find(server, 'Tomás Silva')).labels).toContain('urgent');

  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('combobox', { name: 'Label' }).selectOption('urgent');
  await expect(inbox.rows).toHaveCount(2);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(inbox.count).toHaveText('11 conversations');
});

test('a view is saved, shared, used by a colleague, and deleted', async ({ inbox, server, browser, contextOptions }) => {
  const { page } = inbox;
  await inbox.show('Waiting');
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('checkbox', { name: 'Unread only' }).check();
  await page.getByRole('textbox', { name: 'Name of this view' }).fill('First things first');
  await page.getByRole('checkbox', { name: 'Share with the team' }).check();
  await page.getByRole('button', { name: 'Save view' }).click();
  await expect(page.getByText('Saved “First things first”')).toBeVisible();

  const context = await browser.newContext(contextOptions);
  const colleague = new Inbox(await context.newPage());
  await colleague.signIn(await server.newLink(ben));
  const views = colleague.page.getByRole('combobox', { name: 'More' });
  await views.selectOption('First things first');
  await expect(colleague.rows).toHaveCount(await inbox.rows.count());
  await expect(colleague.page.getByRole('button', { name: 'Rename' })).toHaveCount(0);

  await page.getByRole('button', { name: 'Delete view' }).click();
  await expect(views.getByRole('option', { name: 'First things first' })).toHaveCount(0);
  await context.close();
});

test('no row moves from under the pointer or the focus, and what waits is one click away', async ({ inbox, server, visitor }) => {
  const { page } = inbox;
  const held = inbox.row('Tomás Silva');
  await held.hover();
  const before = await held.boundingBox();
  await visitor.askForAPerson('I am new here');
  await say(server, 'Kwame Mensah', 'Next to the sofa');
  const fresh = page.getByRole('button', { name: 'Show 1 new conversation' });
  await expect(fresh).toBeVisible();
  expect(await held.boundingBox()).toEqual(before);
  await expectAccessible(page);
  await fresh.click();
  await expect(inbox.rows.first()).toContainText('Kwame Mensah');

  await page.mouse.move(900, 500);
  await inbox.row('Tomás Silva').focus();
  const place = await held.boundingBox();
  await say(server, 'Ingrid Bakke', 'The black one then');
  await expect(page.getByRole('button', { name: 'Show the new order' })).toBeVisible();
  expect(await held.boundingBox()).toEqual(place);
  await inbox.search.focus();
  await expect(inbox.rows.first()).toContainText('Ingrid Bakke');
});

test('every row has the height of its skeleton, however much it says', async ({ inbox, server }) => {
  const { id } = await find(server, 'Tomás Silva');
  await server.api(ben, 'PATCH', '/conversations', { conversationId: id, labels: ['shipping', 'a label that is long enough', 'third'], assigneeId: 'ben' });
  await expect(inbox.row('Tomás Silva')).toContainText('+1');
  for (const width of [1440, 320]) {
    await inbox.page.setViewportSize({ width, height: 900 });
    const heights = await inbox.rows.evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
    expect(new Set(heights)).toEqual(new Set([76]));
  }
});

test('a search marks what it found', async ({ inbox }) => {
  await inbox.search.fill('depot');
  await expect(inbox.rows).toHaveCount(1);
  await expect(inbox.rows.first().locator('mark')).toHaveText('depot');
});

const box = (page: Page, name: string): Locator => page.getByRole('checkbox', { name: `Select ${name}` });

type Server = { api<T>(by: typeof ben, method: string, path: string, body?: unknown): Promise<T> };

async function find(server: Server, name: string): Promise<Row> {
  const { conversations } = await server.api<{ conversations: Row[] }>(ben, 'GET', '/conversations?status=all&limit=50&messages=0');
  const row = conversations.find(({ user }) => user.name === name);
  if (row === undefined) throw new Error(`nobody is called ${name}`);
  return row;
}

/** Somebody in the funnel says something. */
async function say(server: Server, name: string, text: string): Promise<void> {
  const { id } = await find(server, name);
  await server.api({ ...ben, role: 'service' } as unknown as typeof ben, 'POST', '/messages', { conversationId: id, type: 'user', text });
}
