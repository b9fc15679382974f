import type { Page, Route } from '@playwright/test';
import { gate } from '../support/gate.ts';
import { expect, test } from '../support/test.ts';

const messages = /\/api\/live-chat\/messages/;

test('every state of a message is told: sending, sent, read', async ({ inbox, visitor }) => {
  await visitor.askForAPerson('Are you there?');
  await inbox.open('Visitor');
  const answered = gate();
  await overHttp(inbox.page);
  await inbox.page.route(messages, async (route) => {
    await answered.opened;
    await route.continue();
  });
  // Nobody looks until it is stored.
  await visitor.page.goto('about:blank');
  await inbox.send('Here I am');
  await expect(inbox.message('Here I am')).toContainText('Sending…');
  answered.open();
  await expect(inbox.message('Here I am')).toHaveAttribute('data-state', 'sent');
  await visitor.page.goBack();
  await expect(inbox.message('Here I am')).toHaveAttribute('data-state', 'read');
});

test('a failed message says why and holds back those behind it, in their order, until it is tried again or deleted', async ({ inbox, visitor }) => {
  await visitor.askForAPerson('Are you there?');
  await inbox.open('Visitor');
  const { page } = inbox;
  await overHttp(page);
  await page.route(messages, refuse);
  await inbox.send('The first');
  await inbox.send('The second');
  await inbox.send('The third');
  await expect(inbox.message('The first')).toContainText('Not sent. Your role may not do this.');
  await expect(inbox.message('The second')).toContainText('Waits for the message above');
  await expect(inbox.message('The third')).toContainText('Waits for the message above');
  await expect(inbox.row('Visitor')).toContainText('Not sent: The third');

  await inbox.message('The first').getByRole('button', { name: 'Delete' }).click();
  await expect(inbox.message('The first')).toHaveCount(0);
  await expect(inbox.message('The second')).toContainText('Not sent.');
  await page.unroute(messages, refuse);
  await inbox.message('The second').getByRole('button', { name: 'Try again' }).click();
  await expect(visitor.texts).toHaveText([/^Hello!/, /./, /./, 'Are you there?', 'The second', 'The third']);
  await expect(inbox.texts).toHaveText([/^Hello!/, /./, /./, 'Are you there?', 'The second', 'The third']);
});

test('Enter sends, Shift+Enter breaks the line, and while a word is composed neither happens', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await inbox.composer.pressSequentially('One');
  await page.keyboard.press('Shift+Enter');
  await inbox.composer.pressSequentially('two');
  await expect(inbox.composer).toHaveValue('One\ntwo');

  // As an input method writes: the Enter that confirms a word is none that sends.
  const keyboard = await page.context().newCDPSession(page);
  await keyboard.send('Input.imeSetComposition', { text: '日本', selectionStart: 2, selectionEnd: 2 });
  await expect(inbox.composer).toHaveValue('One\ntwo日本');
  const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 };
  await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
  await keyboard.send('Input.insertText', { text: '日本語' });
  await keyboard.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
  await expect(inbox.composer).toHaveValue('One\ntwo日本語');
  await expect(inbox.message('日本語')).toHaveCount(0);

  await page.keyboard.press('Enter');
  await expect(inbox.message('日本語')).toHaveAttribute('data-state', 'sent');
  await expect(inbox.texts.last()).toHaveText('One\ntwo日本語');
});

/** Messages go over HTTP from now on, where a test can hold them. */
async function overHttp(page: Page): Promise<void> {
  await page.routeWebSocket(/\/api\/live-chat\/ws/, (socket) => socket.close());
  await page.reload();
  await expect(page.getByRole('log')).toBeVisible();
}

async function refuse(route: Route): Promise<void> {
  const problem = { type: 'about:blank', title: 'Your role may not do this.', status: 403, code: 'forbidden' };
  if (route.request().method() !== 'POST') return route.fallback();
  await route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify(problem) });
}
