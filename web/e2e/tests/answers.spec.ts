import type { Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import type { Inbox } from '../support/inbox.ts';
import { ben } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

async function openAnswers(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Saved answers' }).click();
  await expect(page.getByRole('heading', { name: 'Saved answers' })).toBeVisible();
}

/** What the composer offers for what is typed. */
async function offered({ page, composer }: Inbox, typed: string) {
  await composer.fill('');
  await composer.pressSequentially(typed);
  return page.getByRole('listbox', { name: 'Saved answers' }).getByRole('option');
}

test('a saved answer is written on its page, used by everybody at once, changed and deleted', async ({ inbox, colleague }) => {
  test.slow();
  const { page } = inbox;
  await colleague.open('Noor Haddad');
  await expect(await offered(colleague, '/thanks')).toHaveCount(0);
  await openAnswers(page);
  await expect(page.getByText(/^There are none yet/)).toBeVisible();

  await page.getByRole('button', { name: 'New saved answer' }).press('Enter');
  await expect(page.getByRole('textbox', { name: 'Shortcut' })).toBeFocused();
  await page.keyboard.type('/thanks');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Thank you, ');
  await page.getByRole('button', { name: /^Insert \{\{user\.firstName\}\}/ }).press('Enter');
  await expect(page.getByRole('textbox', { name: 'Text' })).toBeFocused();
  await page.keyboard.type('. {{agent.firstName}} here.');
  await expect(page.getByText('Thank you, Maria. Ada here.')).toBeVisible();
  await expect(page.getByText(/^As you would send it to Maria Silva in “Lamp shop”/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. Every agent finds /thanks from now on.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^\/thanks/ })).toBeFocused();
  await expectAccessible(page);
  // The other one's list is open, and has it without a reload.
  await expect(await offered(colleague, '/than')).toHaveText([/^\/thanks/]);
  await colleague.composer.press('Enter');
  await expect(colleague.composer).toHaveValue('Thank you, Noor. Ben here.');

  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Text' }).fill('Many thanks, {{user.firstName}}.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText(/^Saved\./)).toBeVisible();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await inbox.open('Noor Haddad');
  await expect(await offered(inbox, '/thanks')).toHaveCount(1);
  await inbox.composer.press('Enter');
  await expect(inbox.composer).toHaveValue('Many thanks, Noor.');
  await inbox.composer.press('Enter');
  await expect(inbox.message('Many thanks, Noor.')).toHaveAttribute('data-state', 'sent');

  await openAnswers(page);
  await page.getByRole('button', { name: /^\/thanks/ }).click();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await expect(inbox.dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await expectAccessible(page);
  await inbox.dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('/thanks is deleted.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'New saved answer' })).toBeFocused();
  await expect(await offered(colleague, '/thanks')).toHaveCount(0);
});

test('saved answers are searched, and what one is writing outlasts a colleague and a wrong key', async ({ inbox, server }) => {
  const { page } = inbox;
  for (const [id, text] of [['hello', 'How can I help?'], ['refund', 'The money is on its way.'], ['parcel', 'It is with the courier.']] as const) {
    await server.api(ben, 'PUT', `/canned-answers/${id}`, { shortcut: id, text });
  }
  await openAnswers(page);
  const rows = page.getByRole('main').getByRole('listitem');
  await expect(rows).toHaveText([/^\/hello/, /^\/parcel/, /^\/refund/]);
  await page.getByRole('searchbox', { name: 'Search saved answers' }).fill('REFUND');
  await expect(rows).toHaveText([/^\/refund/]);
  await expect(page.getByText('1 saved answer', { exact: true })).toBeVisible();

  await rows.getByRole('button').click();
  const text = page.getByRole('textbox', { name: 'Text' });
  await text.fill('It is on its way.');
  await server.api(ben, 'PUT', '/canned-answers/refund', { shortcut: 'refund', text: 'You have it tomorrow.' });
  await expect(page.getByText(/^Somebody else changed this answer meanwhile/)).toBeVisible();
  page.once('dialog', (asked) => void asked.dismiss());
  await text.press('Escape');
  await expect(text).toHaveValue('It is on its way.');
  await page.getByRole('button', { name: 'Keep theirs' }).click();
  await expect(text).toHaveValue('You have it tomorrow.');
  await page.getByRole('textbox', { name: 'Shortcut' }).fill('hello');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText(/^Another saved answer has this shortcut/)).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Shortcut' })).toBeFocused();
  await page.getByRole('textbox', { name: 'Shortcut' }).fill('refund');
  await text.press('Escape');
  await expect(page.getByRole('button', { name: /^\/refund/ })).toBeFocused();
});

test('of two who change a saved answer the second sees what the first wrote, keeps the draft and chooses', async ({ inbox, server }) => {
  const { page } = inbox;
  const answer = (text: string) => ({ shortcut: 'parcel', text });
  const stored = async () => (await server.api<{ cannedAnswers: { text: string }[] }>(ben, 'GET', '/canned-answers')).cannedAnswers.map(({ text }) => text);
  await server.api(ben, 'PUT', '/canned-answers/parcel', answer('It is with the courier.'));
  await openAnswers(page);
  await page.getByRole('button', { name: /^\/parcel/ }).click();
  const text = page.getByRole('textbox', { name: 'Text' });
  await text.fill('It comes today.');
  // A change this page hears of only with the answer to its own.
  const isFaster = async () => void (await server.api(ben, 'PUT', '/canned-answers/parcel', answer('It comes tomorrow.')));
  await page.route('**/canned-answers/parcel', (route) => isFaster().then(() => route.continue()), { times: 1 });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('alert')).toHaveText('Not saved. Somebody else changed this answer meanwhile. Choose which of the two stays.');
  const theirs = page.getByRole('region', { name: 'Theirs now' });
  await expect(theirs.getByText('It comes tomorrow.')).toBeVisible();
  await expect(text).toHaveValue('It comes today.');
  expect(await stored()).toEqual(['It comes tomorrow.']);
  await expectAccessible(page);
  await theirs.getByRole('button', { name: 'Save mine instead' }).click();
  await expect(page.getByText('Saved. Every agent finds /parcel from now on.')).toBeVisible();
  expect(await stored()).toEqual(['It comes today.']);
});

test.describe('in Arabic', () => {
  test.use({ locale: 'ar' });
  test('the page of saved answers is right to left and can be used by everybody', async ({ server, page }) => {
    await server.api(ben, 'PUT', '/canned-answers/hello', { shortcut: 'hello', text: 'Hello {{user.firstName}}' });
    await page.goto(await server.link());
    await expect(page.getByRole('heading', { name: 'الوارد' })).toBeVisible();
    await page.goto(`${server.url}/?settings=answers`);
    await expect(page.getByRole('heading', { name: 'الردود المحفوظة' })).toBeVisible();
    await page.getByRole('button', { name: /^\/hello/ }).click();
    await expect(page.getByText('Hello ليلى')).toBeVisible();
    await expectAccessible(page);
  });
});
