import { expect, test } from '../support/test.ts';

test('a reload brings back the conversation, on both pages', async ({ inbox, visitor }) => {
  await visitor.askForAPerson('My lamp blinks');
  await inbox.open('Visitor');
  await inbox.send('Which one is it?');
  await expect(visitor.message('Which one is it?')).toBeVisible();

  const before = await visitor.texts.allTextContents();
  await Promise.all([inbox.page.reload(), visitor.page.reload()]);
  await expect(visitor.texts).toHaveText(before);
  await expect(inbox.texts).toHaveText(before);
  await expect(inbox.row('Visitor')).toHaveAttribute('aria-current', 'true');

  // And it goes on.
  await visitor.send('The round one');
  await expect(inbox.message('The round one')).toBeVisible();
});

test('filters, search, order and selection are in the address and survive a reload', async ({ inbox }) => {
  await inbox.show('All');
  await inbox.sort.selectOption('Oldest first');
  await inbox.search.fill('moon');
  await expect(inbox.count).toHaveText('2 conversations');
  await inbox.open('Ingrid Bakke');
  await expect(inbox.page).toHaveURL(/\?status=all&sort=oldest&q=moon&conversation=[0-9a-f-]{36}&message=\d+$/);

  const thread = inbox.page.getByRole('log', { name: 'Messages with Ingrid Bakke' });
  const rows = await inbox.rowsSaid();
  await inbox.page.reload();
  await expect.poll(() => inbox.rowsSaid()).toEqual(rows);
  await expect(inbox.search).toHaveValue('moon');
  await expect(inbox.sort).toHaveValue('oldest');
  await expect(inbox.list.getByRole('combobox', { name: 'More' })).toHaveValue('all');
  await expect(thread).toBeVisible();

  await inbox.page.goBack();
  await expect(inbox.page.getByText('No conversation selected')).toBeVisible();
  await inbox.page.goForward();
  await expect(thread).toBeVisible();
});

test('a draft stays with its conversation while others are read', async ({ inbox }) => {
  await inbox.open('Noor Haddad');
  await inbox.composer.fill('We send you a new');
  await inbox.open('Tomás Silva');
  await expect(inbox.composer).toHaveValue('');
  await expect(inbox.row('Noor Haddad')).toContainText('Draft: We send you a new');
  await inbox.open('Noor Haddad');
  await expect(inbox.composer).toHaveValue('We send you a new');
});
