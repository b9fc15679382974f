import type { Route } from '@playwright/test';
import { conversation } from '../support/conversations.ts';
import { gate } from '../support/gate.ts';
import { keepLit } from '../support/inbox.ts';
import { ben, conversationOf, host, putFunnel, say } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

const listed = /\/api\/live-chat\/conversations\?/;

test('each view shows what it says: open, unread, waiting, mine, closed, archived', async ({ inbox, server }) => {
  const { id } = await conversationOf(server, 'Chen Wei');
  await server.api(ben, 'PATCH', '/conversations', { conversationId: id, isArchived: true });
  const names = inbox.rows.locator('.pl-card-name');
  await inbox.show('Unread');
  await expect(names).toHaveText(['Noor Haddad', 'Tomás Silva', 'Ingrid Bakke', 'Marek Nowak', 'Olivia Martin']);
  await inbox.show('Waiting');
  await expect(names).toHaveText(['Noor Haddad', 'Tomás Silva', 'Marek Nowak', 'Olivia Martin']);
  await inbox.show('Mine');
  await expect(names).toHaveText(['Ingrid Bakke', 'Yuki Tanaka', 'Fatima Zahra']);
  await inbox.show('Closed');
  await expect(names).toHaveText(['Jonas Weber', 'Priya Raman', 'Luca Conti', 'Hannah Cohen', 'Diego Fernández', 'Aoife Byrne', 'Mehmet Yılmaz']);
  await inbox.show('Archived');
  await expect(names).toHaveText(['Chen Wei']);
  await inbox.show('Open');
  await expect(inbox.count).toHaveText('10 conversations');

  // And follows: what is no longer so, leaves.
  await inbox.show('Waiting');
  await server.api(ben, 'POST', `/conversations/${(await conversationOf(server, 'Noor Haddad')).id}/take`, {});
  await expect(names).toHaveText(['Tomás Silva', 'Marek Nowak', 'Olivia Martin']);
});

test('an unread row says so by dot, weight and number', async ({ inbox, server }) => {
  await say(server, 'Noor Haddad', 'Hello?');
  const row = inbox.row('Noor Haddad');
  await expect(row.locator('.pl-badge')).toHaveText(/^2/);
  await expect(row).toContainText('2 unread messages');
  const look = (name: string) => inbox.row(name).locator('.pl-card-name').evaluate((element) => ({
    weight: Number(getComputedStyle(element).fontWeight),
    dot: getComputedStyle(element, '::before').content !== 'none',
  }));
  expect(await look('Noor Haddad')).toEqual({ weight: 700, dot: true });
  const read = await look('Kwame Mensah');
  expect(read.dot).toBe(false);
  expect(read.weight).toBeLessThan(700);
});

test.describe('filters', () => {
  const guest = (name: string, change: object, ageMinutes: number) => ({ ...conversation({ name, messages: ['Hello'] }, ageMinutes), ...change });
  test.use({
    serverOptions: {
      demo: false,
      conversations: [
        guest('Ann', { funnelId: 'shop', funnelName: 'Shop', handler: 'bot', labels: ['vip'] }, 1),
        guest('Bob', { funnelId: 'help', funnelName: 'Help', handler: 'queue', labels: ['vip', 'late'] }, 2),
        guest('Cleo', { funnelId: 'help', funnelName: 'Help', handler: 'bot', labels: [] }, 3),
      ],
    },
  });

  test('narrow by funnel, handler and label, together, and are taken away at once', async ({ inbox, server }) => {
    const { page } = inbox;
    await putFunnel(server, 'shop', 'Shop');
    await putFunnel(server, 'help', 'Help');
    const names = inbox.rows.locator('.pl-card-name');
    await page.getByRole('button', { name: 'Filters' }).click();
    const choose = (name: string, option: string) => page.getByRole('combobox', { name, exact: true }).selectOption(option);
    await choose('Funnel', 'Help');
    await expect(names).toHaveText(['Bob', 'Cleo']);
    await choose('Answered by', 'Bot');
    await expect(names).toHaveText(['Cleo']);
    await choose('Label', 'vip');
    await expect(inbox.list.getByText('No conversation matches the filters')).toBeVisible();
    await choose('Funnel', 'Any');
    await expect(names).toHaveText(['Ann']);
    await expect(page).toHaveURL(/handler=bot&label=vip/);
    await page.getByRole('button', { name: 'Clear filters' }).first().click();
    await expect(names).toHaveText(['Ann', 'Bob', 'Cleo']);
  });
});

test.describe('a search', () => {
  const said = Array.from({ length: 300 }, (_, index) => (index === 59 ? 'Is the zeppelin lamp dimmable?' : `Line ${index + 1} of the talk`));
  test.use({ serverOptions: { demo: false, conversations: [conversation({ name: 'Long Reader', messages: said }, 30), conversation({ name: 'Other', messages: ['Hello'] }, 10)] } });

  test('opens at the message it found, however far above', async ({ inbox }) => {
    await keepLit(inbox.page);
    await inbox.search.fill('zeppelin');
    await expect(inbox.rows).toHaveCount(1);
    await expect(inbox.rows.first().locator('mark')).toHaveText('zeppelin');
    await inbox.rows.first().click();
    await expect(inbox.message('Is the zeppelin lamp dimmable?')).toBeInViewport({ ratio: 1 });
    await expect(inbox.thread.locator('.pl-row[data-lit]')).toContainText('zeppelin');
    await expect(inbox.message('Line 300 of')).toHaveCount(0);
  });
});

test('an answer to an earlier question changes nothing', async ({ inbox }) => {
  const { page } = inbox;
  const late = gate();
  const answered = page.waitForResponse((response) => response.url().includes('search=moo') && !response.url().includes('search=moon'));
  await page.route(listed, async (route) => {
    if (new URL(route.request().url()).searchParams.get('search') === 'moo') await late.opened;
    await route.continue();
  });
  const asked = page.waitForRequest((request) => new URL(request.url()).searchParams.get('search') === 'moo');
  await inbox.search.fill('moo');
  await asked;
  await inbox.search.fill('depot');
  await expect(inbox.rows).toHaveText([/Tomás Silva/]);
  late.open();
  await answered;
  await expect(inbox.count).toHaveText('1 conversation');
  await expect(inbox.rows).toHaveText([/Tomás Silva/]);
});

test('placeholders come after 150 ms, in the form of what comes', async ({ inbox }) => {
  const { page } = inbox;
  const answered = gate();
  const geometry = (rows: string) => page.locator(rows).first().evaluate((row) => {
    const { x, width, height } = row.getBoundingClientRect();
    return { x, width, height };
  });
  const real = await geometry('.pl-card');
  await page.route(listed, async (route) => {
    await answered.opened;
    await route.continue();
  });
  await page.clock.install();
  await page.reload();
  await expect(inbox.search).toBeVisible();
  await page.clock.runFor(200);
  const placeholder = page.locator('.pl-card[data-skeleton]').first();
  await expect(placeholder).toBeVisible();
  await expect(page.getByText('Loading conversations')).toBeAttached();
  expect(await geometry('.pl-card[data-skeleton]')).toEqual(real);
  answered.open();
  await expect(inbox.rows.first()).toBeVisible();
  await expect(placeholder).toHaveCount(0);
});

test('a list that cannot be loaded says why, and what to do', async ({ inbox }) => {
  const { page } = inbox;
  await page.route(listed, broken);
  await page.reload();
  await expect(inbox.list.getByRole('alert')).toContainText('Could not load.');
  await page.unroute(listed, broken);
  await inbox.list.getByRole('button', { name: 'Try again' }).click();
  await expect(inbox.row('Noor Haddad')).toBeVisible();
  await expect(inbox.list.getByRole('alert')).toHaveCount(0);
});

test.describe('a new workspace', () => {
  test.use({ serverOptions: { demo: false } });

  test('says that there is nothing yet, and shows the first conversation by itself', async ({ page, server }) => {
    await page.goto(await server.link());
    await expect(page.getByText('All caught up')).toBeVisible();
    await expect(page.getByText('A conversation appears here by itself as soon as somebody writes.')).toBeVisible();
    await expect(page.getByText('No conversation selected')).toBeVisible();
    await putFunnel(server, 'shop', 'Shop');
    await server.api(host, 'POST', '/conversations', { funnelId: 'shop', user: { id: 'mia', name: 'Mia' }, text: 'Hello' });
    await expect(page.getByRole('navigation').getByRole('button', { name: /Mia/ })).toBeVisible();
    await expect(page.getByText('That is all of them.')).toBeVisible();
  });
});

async function broken(route: Route): Promise<void> {
  const problem = { type: 'about:blank', title: 'Broken for this test.', status: 422, code: 'validation' };
  await route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(problem) });
}
