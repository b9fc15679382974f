import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { conversation } from '../support/conversations.ts';
import { expect, test } from '../support/test.ts';

const weekMinutes = 7 * 24 * 60;
const messages = ['Is the lamp dimmable?', 'It is, with the remote', 'And the remote, is it in the box?'];

test.use({
  serverOptions: {
    demo: false,
    conversations: [
      conversation({ name: 'Old Friend', messages }, weekMinutes),
      conversation({ name: 'New Friend', messages: ['Hello', 'Welcome'] }, 1),
    ],
  },
});

test('a front end that knows only the first four endpoints works as it is', async ({ inbox, server }) => {
  const { page } = inbox;
  const html = await readFile(new URL('../support/front-end.html', import.meta.url), 'utf8');
  await page.route('**/front-end', (route) => route.fulfill({ contentType: 'text/html', body: html }));
  const failed: string[] = [];
  page.on('response', (response) => response.status() >= 400 && failed.push(`${response.status()} ${response.url()}`));
  await page.clock.install();
  await page.goto(`${server.url}/front-end`);

  const list = page.getByRole('list', { name: 'List' }).getByRole('listitem');
  const thread = page.getByRole('list', { name: 'Thread' }).getByRole('listitem');
  const state = page.getByRole('status');
  const button = (name: string) => page.getByRole('button', { name }).click();
  const whole = [`user: ${messages[0]}`, `bot: ${messages[1]}`, `user: ${messages[2]}`];

  await expect(list).toHaveText(['New Friend, open', 'Old Friend, open']);
  await list.getByText('Old Friend').click();
  await expect(thread).toHaveText(whole);
  await nextRefresh(page);
  await expect(thread).toHaveText(whole);

  await button('Close');
  await expect(state).toHaveText('closed, not archived, 4 messages');
  const closed = [...whole, 'system: The conversation was closed.'];
  await expect(thread).toHaveText(closed);
  await page.getByLabel('Status').selectOption('closed');
  await expect(list).toHaveText(['Old Friend, closed']);
  await nextRefresh(page);
  await expect(thread).toHaveText(closed);

  await button('Reopen');
  await expect(state).toHaveText('open, not archived, 5 messages');
  const reopened = [...closed, 'system: The conversation was reopened.'];
  await page.getByLabel('Status').selectOption('all');
  await nextRefresh(page);
  await expect(list).toHaveText(['New Friend, open', 'Old Friend, open']);
  await expect(state).toHaveText('open, not archived, 5 messages');
  await expect(thread).toHaveText(reopened);

  // Archived as well, and back: it returns `isArchived: true` with the reopening, as it got it.
  await button('Archive');
  await expect(state).toHaveText('closed, archived, 6 messages');
  await button('Reopen');
  await expect(state).toHaveText('open, not archived, 7 messages');
  await page.getByLabel('Search').fill('dimmable');
  await expect(list).toHaveText(['Old Friend, open']);
  await page.getByLabel('Answer').fill('It is');
  await button('Send');
  await expect(state).toHaveText('open, not archived, 9 messages');
  await nextRefresh(page);
  await expect(thread.last()).toHaveText('bot: It is');
  await expect(state).toHaveText(/^open, not archived/);
  expect(failed).toEqual([]);

  // And the console shows the same.
  await page.goto(server.url);
  await inbox.open('Old Friend');
  await expect(inbox.texts).toHaveText([...messages, 'It is']);
});

/** Its list is asked for again every 30 s. */
async function nextRefresh(page: Page): Promise<void> {
  const answer = page.waitForResponse(/\/conversations\?/);
  await page.clock.fastForward(30_000);
  await (await answer).finished();
}
