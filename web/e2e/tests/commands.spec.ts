import type { Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { keysWork } from '../support/inbox.ts';
import { expect, test } from '../support/test.ts';

const ben = { role: 'agent', sub: 'ben', name: 'Ben' } as const;

interface Stored {
  id: string;
  status: string;
  isArchived: boolean;
  labels: string[];
  snoozedUntil?: string;
  assignee?: { id: string };
}

test('single keys do an agent’s work, from the row or the open conversation', async ({ inbox, server }) => {
  const { page } = inbox;
  const stored = async (name: string, archived = false) => {
    const answer = await server.api<{ conversations: Stored[] }>(ben, 'GET', `/conversations?search=${name}&status=all&archived=${archived}&messages=0`);
    return answer.conversations[0];
  };

  await press(page, 'j');
  await expect(inbox.row('Noor Haddad')).toBeFocused();
  await press(page, 'j');
  await expect(inbox.row('Tomás Silva')).toBeFocused();
  await press(page, 'k');
  await expect(inbox.row('Noor Haddad')).toBeFocused();
  await press(page, 'Enter');
  await expect(inbox.composer).toBeFocused();

  // In the field they are text.
  await page.keyboard.type('jersey?');
  await expect(inbox.composer).toHaveValue('jersey?');
  await press(page, 'Escape');
  await expect(inbox.row('Noor Haddad')).toBeFocused();
  await press(page, 'r');
  await expect(inbox.composer).toBeFocused();
  await press(page, 'Escape');

  await press(page, '/');
  await expect(inbox.search).toBeFocused();
  await page.keyboard.type('tom');
  await expect(inbox.rows).toHaveCount(1);
  await press(page, 'Escape');
  await expect(inbox.search).toHaveValue('');

  // From the row, without opening it. The next row has the focus then.
  await inbox.row('Tomás Silva').focus();
  await press(page, 'e');
  await expect(inbox.row('Tomás Silva')).toHaveCount(0);
  await expectFocusInList(page);
  await expect.poll(async () => (await stored('Silva'))?.status).toBe('closed');

  await inbox.row('Ingrid Bakke').focus();
  await press(page, 'Shift+E');
  await expect(inbox.row('Ingrid Bakke')).toHaveCount(0);
  await expectFocusInList(page);
  await expect.poll(async () => (await stored('Ingrid', true))?.isArchived).toBe(true);

  await inbox.row('Kwame Mensah').focus();
  await press(page, 's');
  await expect(inbox.dialog).toBeVisible();
  await page.keyboard.type('tomorrow');
  await press(page, 'Enter');
  await expect(inbox.dialog).toBeHidden();
  await expect(inbox.row('Kwame Mensah')).toBeFocused();
  await expect.poll(async () => (await stored('Kwame'))?.snoozedUntil ?? '').toContain('T09:00');

  await press(page, 'a');
  await press(page, 'Enter');
  await expect(inbox.row('Kwame Mensah')).toContainText('Ada');
  await expect.poll(async () => (await stored('Kwame'))?.assignee?.id).toBe('ada');

  await press(page, 'l');
  await page.keyboard.type('by courier');
  await press(page, 'Enter');
  await expect(inbox.row('Kwame Mensah')).toContainText('by courier');
  await expect.poll(async () => (await stored('Kwame'))?.labels).toContain('by courier');

  // Open it, read it, and have it unread again, back in the list.
  await inbox.row('Marek Nowak').focus();
  await press(page, 'Enter');
  await expect(inbox.row('Marek Nowak')).not.toHaveAttribute('data-unread');
  await press(page, 'Escape');
  await press(page, 'u');
  await expect(inbox.row('Marek Nowak')).toHaveAttribute('data-unread');
  await expect(inbox.thread).toHaveCount(0);
  await expect(inbox.row('Marek Nowak')).toBeFocused();
});

test('the palette finds every action, and gives the focus back', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await inbox.composer.fill('Half a sentence');
  await press(page, 'Control+k');
  await expect(inbox.dialog).toBeVisible();
  await press(page, 'Escape');
  await expect(inbox.dialog).toBeHidden();
  await expect(inbox.composer).toBeFocused();
  await expect(inbox.composer).toHaveValue('Half a sentence');

  await press(page, 'Control+k');
  await page.keyboard.type('archived');
  await press(page, 'Enter');
  await expect(inbox.list.getByRole('combobox', { name: 'More' })).toHaveValue('archived');

  await page.getByRole('button', { name: 'All actions' }).click();
  await page.keyboard.type('dark');
  await press(page, 'Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  // A click beside it closes it.
  await press(page, 'Control+k');
  await page.mouse.click(20, 500);
  await expect(inbox.dialog).toBeHidden();
});

test('Ctrl+K lists every action with its key', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await press(page, 'Control+k');
  const keyOf = (action: string) => inbox.dialog.getByRole('option', { name: new RegExp(`^${action}`) }).locator('kbd');
  for (const [action, key] of [
    ['Write an answer', 'R'], ['Close conversation', 'E'], ['Archive conversation', 'Shift+E'], ['Snooze…', 'S'], ['Assign…', 'A'],
    ['Mark as unread', 'U'], ['Search conversations', '/'], ['Next conversation', 'J'], ['Previous conversation', 'K'],
    ['Back to the list', 'Esc'], ['Keyboard shortcuts', '?'], ['Hide details', 'I'], ['Filter…', 'F'],
  ] as const) {
    await expect(keyOf(action)).toHaveText(key.split('+'));
  }
  for (const action of ['Take conversation', 'Show: Mine', 'Show: Archived', 'Sort: Most messages', 'Theme: Dark', 'Language: العربية', 'Sign out', 'Go to the latest message', 'Go to the first unread message',
    'Desktop notifications: switch on', 'Sound: switch on']) {
    await expect(inbox.dialog.getByRole('option', { name: action })).toHaveCount(1);
  }
});

test('filters, details and sound are a few keys away', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await press(page, 'Escape');
  const panel = page.getByRole('complementary', { name: 'About Noor Haddad' });
  await expect(panel).toBeVisible();
  await press(page, 'i');
  await expect(panel).toHaveCount(0);
  await press(page, 'i');
  await expect(panel).toBeVisible();

  await press(page, 'f');
  await page.keyboard.type('waiting');
  await press(page, 'Enter');
  await expect(inbox.list.getByRole('radio', { name: 'Waiting' })).toBeChecked();
  await expect(inbox.row('Kwame Mensah')).toHaveCount(0);
  await press(page, 'Control+k');
  await page.keyboard.type('show open');
  await press(page, 'Enter');
  await expect(inbox.row('Kwame Mensah')).toBeVisible();

  await press(page, 'Control+k');
  await page.keyboard.type('sound');
  await press(page, 'Enter');
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('switch', { name: 'Sound' })).toBeChecked();
});

test('the help switches single keys off, for good', async ({ inbox }) => {
  const { page } = inbox;
  await press(page, 'j');
  await press(page, '?');
  await expect(inbox.dialog).toContainText('Keyboard shortcuts');
  await inbox.dialog.getByRole('checkbox', { name: 'Use single-key shortcuts' }).uncheck();
  await press(page, 'Escape');
  await expect(inbox.row('Noor Haddad')).toBeFocused();
  await press(page, 'e');
  await page.reload();
  await expect(inbox.rows.first()).toBeVisible();
  await inbox.row('Noor Haddad').focus();
  await press(page, 'e');
  await press(page, '?');
  await expect(inbox.dialog).toHaveCount(0);
  await expect(inbox.row('Noor Haddad')).toBeVisible();
  await press(page, 'Control+k');
  await expect(inbox.dialog).toBeVisible();
});

test('palette, help, snooze, settings and account can be used by everybody', async ({ inbox }) => {
  test.slow();
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await press(page, 'Escape');
  for (const [key, name] of [['Control+k', 'Actions'], ['?', 'Keyboard shortcuts'], ['s', 'Snooze Noor Haddad until']] as const) {
    await press(page, key);
    await expect(page.getByRole('dialog', { name })).toBeVisible();
    await expectAccessible(page);
    await press(page, 'Escape');
    await expect(inbox.dialog).toBeHidden();
  }
  for (const [button, name] of [['Settings', 'Settings'], ['Account Ada', 'Account']] as const) {
    await page.getByRole('button', { name: button }).click();
    await expect(page.getByRole('dialog', { name })).toBeVisible();
    await expectAccessible(page);
    await press(page, 'Escape');
  }
});

test('the first stop of the Tab key leads past the header', async ({ inbox }) => {
  const { page } = inbox;
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await press(page, 'Tab');
  await expect(page.getByRole('link', { name: 'Skip to the conversations' })).toBeFocused();
  await expect(page.getByRole('link', { name: 'Skip to the conversations' })).toBeInViewport();
  await press(page, 'Enter');
  await press(page, 'Tab');
  await expect(inbox.search).toBeFocused();
  await expect(page).not.toHaveURL(/#/);
});

/** A key that does nothing yet is pressed by nobody in a hurry. */
async function press(page: Page, key: string): Promise<void> {
  await keysWork(page);
  await page.keyboard.press(key);
}

async function expectFocusInList(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-pane="list"]') !== null)).toBe(true);
}
