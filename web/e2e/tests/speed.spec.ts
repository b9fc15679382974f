import type { Page } from '@playwright/test';
import { Inbox } from '../support/inbox.ts';
import { gate, type Gate } from '../support/gate.ts';
import { conversationOf, ben, say } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

const api = /\/api\/live-chat\//;

test('what one does is shown before the server has answered, within a few frames', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await expect(inbox.message('My Moon arrived today')).toBeVisible();
  const answered = await holdAnswers(page);
  const close = inbox.actions.getByRole('button', { name: 'Close' });
  // A frame to tell everybody and one to render: six are 100 ms.
  expect(await close.evaluate(framesUntilReopen)).toBeLessThanOrEqual(6);
  await expect(inbox.row('Noor Haddad')).toHaveCount(0);
  await expect(page.getByText('Conversation closed')).toBeVisible();
  answered.open();
  await inbox.show('Closed');
  await expect(inbox.row('Noor Haddad')).toBeVisible();
});

test('what the server refuses is taken back, and said', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  const problem = { type: 'about:blank', title: 'The server’s disk is full; nothing was stored.', status: 507, code: 'storage-full' };
  await page.route(api, async (route) => {
    if (route.request().method() !== 'PATCH') return route.fallback();
    await route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(problem) });
  });
  await inbox.act('Close');
  await expect(page.getByRole('alert').filter({ hasText: 'disk is full' })).toBeVisible();
  await expect(inbox.row('Noor Haddad')).toContainText('Waiting');
  await expect(inbox.actions.getByRole('button', { name: 'Close' })).toBeVisible();
  await expect(page.getByText('Conversation closed')).toHaveCount(0);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('no spinner stands over what is known: views seen before, conversations opened before', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await expect(inbox.message('My Moon arrived today')).toBeVisible();
  await inbox.show('Closed');
  await expect(inbox.row('Priya Raman')).toBeVisible();
  await inbox.open('Priya Raman');
  await expect(inbox.message('That is still under warranty')).toBeVisible();
  await watchSkeletons(page);
  const answered = await holdAnswers(page);
  await inbox.show('Open');
  await expect(inbox.row('Tomás Silva')).toBeVisible();
  await inbox.open('Noor Haddad');
  await expect(inbox.message('My Moon arrived today')).toBeVisible();
  expect(await skeletonsSeen(page)).toBe(0);
  answered.open();
});

test('the next and the previous conversation are there before one goes to them', async ({ inbox }) => {
  const { page } = inbox;
  const asked = (name: string) => page.waitForResponse(async (response) => {
    if (!/\/conversations\/[^/]+\/messages/.test(response.url())) return false;
    return (await response.text()).includes(name);
  });
  const neighbours = [asked('My Moon arrived today'), asked('Does it fit under a sloping roof')];
  await inbox.open('Tomás Silva');
  await Promise.all(neighbours);
  await watchSkeletons(page);
  const answered = await holdAnswers(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(inbox.message('Does it fit under a sloping roof')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(inbox.message('My Moon arrived today')).toBeVisible();
  expect(await skeletonsSeen(page)).toBe(0);
  answered.open();
});

test('after a gap the page is what a fresh load would show, without being told to refresh', async ({ inbox, server, context }) => {
  await inbox.open('Noor Haddad');
  await context.setOffline(true);
  await say(server, 'Noor Haddad', 'Are you still looking?');
  await say(server, 'Kwame Mensah', 'On the balcony');
  const [tomas, marek] = [await conversationOf(server, 'Tomás Silva'), await conversationOf(server, 'Marek Nowak')];
  await server.api(ben, 'PATCH', '/conversations', { conversationId: tomas.id, status: 'closed' });
  await server.api(ben, 'PATCH', '/conversations', { conversationId: marek.id, labels: ['offices'], assigneeId: 'ben' });
  await server.api(ben, 'POST', '/messages', { conversationId: marek.id, type: 'bot', text: 'Ten per cent from 20 on.' });
  await context.setOffline(false);

  await expect(inbox.message('Are you still looking?')).toBeVisible();
  await expect(inbox.row('Tomás Silva')).toHaveCount(0);
  const fresh = new Inbox(await context.newPage());
  await fresh.page.goto(inbox.page.url());
  await expect(fresh.texts.last()).toHaveText('Are you still looking?');
  const rows = await fresh.rowsSaid();
  expect(rows).toHaveLength(10);
  await expect.poll(() => inbox.rowsSaid()).toEqual(rows);
  await expect(inbox.texts).toHaveText(await fresh.texts.allTextContents());
  await expect(inbox.count).toHaveText('10 conversations');
});

test('a lost connection is mentioned after two seconds, not before, as a status that says what is queued', async ({ inbox, context }) => {
  const { page } = inbox;
  await page.clock.install();
  await page.reload();
  await inbox.open('Noor Haddad');
  const banner = page.getByRole('status').filter({ hasText: 'You are offline. Parlor reconnects by itself.' });
  // From here on time is the test's.
  await page.clock.pauseAt(Date.now() + 60_000);
  await context.setOffline(true);
  await page.clock.runFor(100);
  await inbox.send('We send you a new shade');
  await page.clock.runFor(100);
  await expect(inbox.message('We send you a new shade')).toContainText('Waiting to send');
  await page.clock.runFor(1_600);
  await expect(banner).toHaveCount(0);
  await page.clock.runFor(500);
  await expect(banner).toContainText('1 message will be sent when you are back.');
  await page.clock.resume();
  await context.setOffline(false);
  await expect(banner).toHaveCount(0);
  await expect(inbox.message('We send you a new shade')).toHaveAttribute('data-state', 'sent');
});

/** Presses the button and counts the frames until its opposite stands in its place. */
async function framesUntilReopen(button: Element): Promise<number> {
  (button as HTMLElement).click();
  let frames = 0;
  while (document.querySelector('.pl-thread-actions [aria-label="Reopen"]') === null && frames < 600) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    frames += 1;
  }
  return frames;
}

/** From now on every request waits until the gate is opened. What comes by itself, comes. */
async function holdAnswers(page: Page): Promise<Gate> {
  const held = gate();
  await page.route(api, async (route) => {
    await held.opened;
    await route.continue();
  });
  return held;
}

/** Counts placeholders that appear, however briefly. */
async function watchSkeletons(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = { skeletons: 0 };
    Object.assign(window, { seen });
    new MutationObserver(() => {
      if (document.querySelector('.pl-skeleton') !== null) seen.skeletons += 1;
    }).observe(document.body, { childList: true, subtree: true });
  });
}
const skeletonsSeen = (page: Page) => page.evaluate(() => (window as unknown as { seen: { skeletons: number } }).seen.skeletons);
