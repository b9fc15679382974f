import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';

test('one answers and closes a conversation with the keyboard alone', async ({ inbox }) => {
  const { page } = inbox;
  await tabTo(page, inbox.row('Noor Haddad'));
  await page.keyboard.press('ArrowDown');
  await expect(inbox.row('Tomás Silva')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(inbox.message('It has been at the depot in Porto')).toBeVisible();
  await expect(inbox.composer).toBeFocused();

  await page.keyboard.type('I am calling them now.');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('One moment.');
  await page.keyboard.press('Enter');
  await expect(inbox.message('I am calling them now.')).toContainText('One moment.');
  await expect(inbox.composer).toBeFocused();
  await expect(inbox.composer).toHaveValue('');

  await page.keyboard.press('Escape');
  await expect(inbox.row('Tomás Silva')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(inbox.composer).toBeFocused();

  await tabTo(page, inbox.actions.getByRole('button', { name: 'Close' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(inbox.row('Tomás Silva')).toHaveCount(0);
  await expect(inbox.actions.getByRole('button', { name: 'Reopen' })).toBeVisible();
  await expectFocusKept(page);

  // Take and give back change places as well.
  await tabTo(page, inbox.row('Noor Haddad'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(inbox.composer).toBeFocused();
  await tabTo(page, inbox.actions.getByRole('button', { name: 'Take' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(inbox.actions.getByRole('button', { name: 'Give back' })).toBeVisible();
  await expectFocusKept(page);
});

test('filters, search and order are reached and changed with the keyboard', async ({ inbox }) => {
  const { page } = inbox;
  await tabTo(page, inbox.search);
  await page.keyboard.type('moon');
  await expect(inbox.count).toHaveText('2 conversations');
  await page.keyboard.press('Escape');
  await expect(inbox.search).toHaveValue('');
  await expect(inbox.search).toBeFocused();
  await tabTo(page, inbox.list.getByRole('radio', { name: 'Open' }));
  await page.keyboard.press('ArrowRight');
  await expect(inbox.count).toHaveText('5 conversations');
  await expect(inbox.list.getByRole('radio', { name: 'Unread' })).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await tabTo(page, inbox.list.getByRole('combobox', { name: 'More' }));
  await page.keyboard.press('ArrowDown');
  await expect(inbox.count).toHaveText('7 conversations');
  await expect(inbox.list.getByRole('combobox', { name: 'More' })).toBeFocused();
  await tabTo(page, inbox.sort);
  await page.keyboard.press('ArrowDown');
  await expect(inbox.rows.first()).toContainText('Mehmet Yılmaz');
  await expect(inbox.sort).toBeFocused();
});

test('on a small screen Escape leads back to the list, to the row one came from', async ({ inbox }) => {
  const { page } = inbox;
  await page.setViewportSize({ width: 390, height: 844 });
  await tabTo(page, inbox.row('Noor Haddad'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(inbox.composer).toBeFocused();
  await expect(inbox.list).toBeHidden();
  // Long enough for its rows to be measured as hidden.
  await expect(inbox.message('It has been at the depot in Porto')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(inbox.list).toBeVisible();
  await expect(inbox.row('Tomás Silva')).toBeFocused();
  await expect(inbox.row('Noor Haddad')).toBeInViewport();
});

test('a visitor chats with the keyboard alone', async ({ visitor }) => {
  const { page } = visitor;
  await tabTo(page, visitor.option('Talk to a person'));
  await page.keyboard.press('Enter');
  await expect(visitor.message('One moment, I am fetching somebody')).toBeVisible();
  await expectFocusKept(page);
  await tabTo(page, visitor.composer);
  await page.keyboard.type('My lamp hums');
  await page.keyboard.press('Enter');
  await expect(visitor.message('My lamp hums')).toBeVisible();
  await expect(visitor.composer).toBeFocused();
});

/** Every stop on the way must be one that can be seen. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stop = 0; stop < 25; stop += 1) {
    await page.keyboard.press(key);
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  await expect(target).toBeFocused();
}

async function expectFocusKept(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
}
