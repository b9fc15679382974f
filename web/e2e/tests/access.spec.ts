import { expectAccessible } from '../support/axe.ts';
import { expect, test } from '../support/test.ts';

test('the console can be used by everybody: list, thread, empty and failed', async ({ inbox }) => {
  test.slow();
  await expectAccessible(inbox.page);
  await inbox.open('Ingrid Bakke');
  await inbox.composer.fill('A draft');
  await expectAccessible(inbox.page);
  await inbox.search.fill('no such word');
  await expect(inbox.list.getByText('Nothing matches “no such word”')).toBeVisible();
  await expectAccessible(inbox.page);
});

test('the console that lost its server can be used by everybody', async ({ inbox, server }) => {
  await inbox.open('Ingrid Bakke');
  await server.stop('SIGKILL');
  await inbox.send('Are you there?');
  await expect(inbox.page.getByText('1 message will be sent when you are back.')).toBeVisible();
  await expectAccessible(inbox.page);
});

test('the shop can be used by everybody, before and in the chat', async ({ visitor }) => {
  await expectAccessible(visitor.page);
  await visitor.askForAPerson('My lamp hums');
  await expectAccessible(visitor.page);
});

test('the door can be used by everybody', async ({ server, page }) => {
  await page.goto(server.url);
  await expect(page.getByRole('heading', { name: 'Sign in to Parlor' })).toBeVisible();
  await expectAccessible(page);
});
