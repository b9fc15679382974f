import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';

// The console's main states, and the pictures of the README, from the demo: npm run screenshots.

const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const large = { width: 1280, height: 800 };
const middle = { width: 1200, height: 750 };
const phone = { width: 390, height: 844 };
const mostBytes = 200_000;
const api = '**/api/live-chat';

test.use({ viewport: middle, deviceScaleFactor: 1, colorScheme: 'light' });

async function save(page: Page, name: string): Promise<void> {
  const path = `${images}${name}.png`;
  await mkdir(images, { recursive: true });
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  expect((await stat(path)).size, `${name}.png`).toBeLessThan(mostBytes);
}

test('console and shop', async ({ inbox, visitor, server }) => {
  await inbox.page.setViewportSize(large);
  await visitor.page.setViewportSize(large);
  await visitor.askForAPerson('Does the Heron also come with a clamp, instead of the foot?');
  await inbox.open('Visitor');
  await inbox.act('Take');
  await inbox.send('It does: the clamp holds tops up to 6 cm thick, and costs nothing extra.');
  await visitor.send('Lovely. Mine is 4 cm, so that will do.');
  await expect(inbox.message('Mine is 4 cm')).toBeVisible();

  await inbox.composer.fill('Then I put it on your order.');
  await expect(visitor.chat.getByText('Ada is typing…')).toBeVisible();
  await save(visitor.page, 'demo');

  await inbox.composer.fill('');
  await visitor.composer.fill('And how long');
  await expect(inbox.page.getByText('Visitor is typing…')).toBeVisible();
  await inbox.page.mouse.move(800, 400);
  await save(inbox.page, 'console-light');
  await inbox.page.emulateMedia({ colorScheme: 'dark' });
  await save(inbox.page, 'console-dark');

  await inbox.page.emulateMedia({ colorScheme: 'light' });
  await inbox.page.setViewportSize(phone);
  await save(inbox.page, 'console-narrow-thread');
  await inbox.page.goto(server.url);
  await expect(inbox.rows.first()).toBeVisible();
  await save(inbox.page, 'console-narrow');
});

test('offline, with a message that waits', async ({ inbox, server }) => {
  await inbox.rows.first().click();
  await expect(inbox.thread).toBeVisible();
  await server.stop();
  await inbox.send('This waits until the server is back.');
  await expect(inbox.message('This waits until')).toBeVisible();
  await expect(inbox.page.locator('.pl-banner[data-kind="connection"]')).toBeVisible();
  await save(inbox.page, 'console-offline');
});

test.describe('from right to left', () => {
  test.use({ locale: 'ar' });
  test('in Arabic', async ({ page, server }) => {
    await page.goto(await server.link());
    await page.locator('.pl-card').first().click();
    await expect(page.getByRole('log')).toBeVisible();
    await save(page, 'console-rtl');
  });
});

test('nothing matches', async ({ inbox }) => {
  await inbox.search.fill('no such word anywhere');
  await expect(inbox.list.getByText('Nothing matches “no such word anywhere”')).toBeVisible();
  await save(inbox.page, 'console-no-match');
});

test('loading', async ({ inbox }) => {
  const { page } = inbox;
  await page.route(`${api}/conversations?*`, () => undefined);
  await page.reload();
  await expect(page.locator('.pl-skeleton').first()).toBeVisible();
  await save(page, 'console-loading');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('a list that cannot be loaded', async ({ inbox }) => {
  const { page } = inbox;
  const problem = { type: '/problems/internal', title: 'The server could not do it.', status: 422, code: 'invalid-input' };
  await page.route(`${api}/conversations?*`, (route) =>
    route.fulfill({ status: problem.status, contentType: 'application/problem+json', body: JSON.stringify(problem) }));
  await page.reload();
  await expect(inbox.list.getByRole('alert').first()).toBeVisible();
  await save(page, 'console-error');
});

test.describe('a new workspace', () => {
  test.use({ serverOptions: { demo: false } });
  test('nothing yet', async ({ page, server }) => {
    await page.goto(await server.link());
    await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible();
    await expect(page.locator('.pl-empty').first()).toBeVisible();
    await save(page, 'console-empty');
  });

  test('signed out', async ({ page, server }) => {
    await page.goto(server.url);
    await expect(page.locator('.door')).not.toHaveAttribute('aria-busy');
    await expect(page.locator('.door').getByRole('heading')).toBeVisible();
    await save(page, 'console-signed-out');
  });
});
