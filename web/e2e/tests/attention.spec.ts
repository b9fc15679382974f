import type { BrowserContext, Page } from '@playwright/test';
import { Inbox } from '../support/inbox.ts';
import { ben, conversationOf } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

interface Shown {
  title: string;
  body: string;
  tag: string;
}

/** Notifications, focus and tones as a test can see them: a browser without a desktop shows none. */
async function fake(context: BrowserContext, permission: NotificationPermission) {
  await context.addInitScript((first) => {
    const shown: Shown[] = [];
    const asked: boolean[] = [];
    const notifications: EventTarget[] = [];
    let granted = first;
    class FakeNotification extends EventTarget {
      static get permission() {
        return granted;
      }
      static async requestPermission() {
        asked.push(navigator.userActivation.isActive);
        return (granted = 'granted');
      }
      constructor(title: string, { body = '', tag = '' }: NotificationOptions = {}) {
        super();
        shown.push({ title, body, tag });
        notifications.push(this);
      }
      isClosed = false;
      close() {
        this.isClosed = true;
        this.dispatchEvent(new Event('close'));
      }
    }
    let hasFocus = true;
    let tones = 0;
    Document.prototype.hasFocus = () => hasFocus;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function count(...args) {
      tones += 1;
      return start.apply(this, args);
    };
    Object.assign(window, {
      Notification: FakeNotification,
      attention: {
        shown, asked, tones: () => tones,
        open: () => notifications.filter((each) => !(each as FakeNotification).isClosed).length,
        click: () => notifications.at(-1)?.dispatchEvent(new Event('click')),
        look(isHere: boolean) {
          hasFocus = isHere;
          window.dispatchEvent(new Event(isHere ? 'focus' : 'blur'));
        },
      },
    });
  }, permission);
}

interface Attention {
  shown: Shown[];
  asked: boolean[];
  tones(): number;
  open(): number;
  click(): void;
  look(isHere: boolean): void;
}
const shownIn = (page: Page) => page.evaluate(() => (window as unknown as { attention: Attention }).attention.shown);
const tonesIn = (page: Page) => page.evaluate(() => (window as unknown as { attention: Attention }).attention.tones());
const openIn = (page: Page) => page.evaluate(() => (window as unknown as { attention: Attention }).attention.open());
/** The tabs that somebody looks at. One that was closed is among them until its browser has cleared it away. */
const lookedAt = (page: Page) => page.evaluate(async () => (await navigator.locks.query()).held?.filter(({ name }) => name?.startsWith('parlor.looking/')).length);
const look = (page: Page, isHere: boolean) => page.evaluate((here) => (window as unknown as { attention: Attention }).attention.look(here), isHere);

test('title and favicon say that somebody waits, until it was read', async ({ inbox }) => {
  const { page } = inbox;
  const icon = page.locator('link[rel="icon"]');
  await expect(page).toHaveTitle(/^\(5\) /);
  await expect(icon).toHaveAttribute('href', '/favicon-unread.svg');
  expect(await page.evaluate(async () => (await fetch('/favicon-unread.svg')).headers.get('content-type'))).toContain('svg');
  await inbox.open('Noor Haddad');
  await expect(page).toHaveTitle(/^\(4\) /);
});

test('one notification a conversation, for what is not looked at, asked for by a click', async ({ server, context, visitor }) => {
  test.slow();
  await fake(context, 'default');
  const inbox = new Inbox(await context.newPage());
  await inbox.signIn(await server.link());
  const { page } = inbox;
  await page.getByRole('button', { name: 'Settings' }).click();
  expect(await page.evaluate(() => (window as unknown as { attention: Attention }).attention.asked)).toEqual([]);
  await page.getByRole('switch', { name: 'Desktop notifications' }).click();
  await expect(page.getByRole('switch', { name: 'Desktop notifications' })).toBeChecked();
  expect(await page.evaluate(() => (window as unknown as { attention: Attention }).attention.asked)).toEqual([true]);
  await page.keyboard.press('Escape');
  const second = new Inbox(await context.newPage());
  await second.page.goto(server.url);
  await expect(second.rows.first()).toBeVisible();

  // Looked at: nothing.
  await look(second.page, false);
  await visitor.askForAPerson('My lamp hums');
  await expect(inbox.row('My lamp hums')).toBeVisible();
  await expect(second.row('My lamp hums')).toBeVisible();
  expect(await shownIn(page)).toEqual([]);

  // Looked at nowhere: one tab says it, once for each message, under one tag.
  await look(page, false);
  await visitor.send('Hello?');
  await expect.poll(() => shownIn(page)).toEqual([{ title: 'Visitor', body: 'Hello?', tag: expect.any(String) }]);
  await visitor.send('Is anybody there?');
  await expect.poll(async () => (await shownIn(page)).map(({ body }) => body)).toEqual(['Hello?', 'Is anybody there?']);
  expect(new Set((await shownIn(page)).map(({ tag }) => tag)).size).toBe(1);
  expect(await shownIn(second.page)).toEqual([]);

  // A click opens it.
  await page.evaluate(() => (window as unknown as { attention: Attention }).attention.click());
  await expect(inbox.message('Is anybody there?')).toBeVisible();
  // What I write myself is no news.
  await look(page, true);
  await inbox.send('I am here');
  await look(page, false);
  await expect(second.row('I am here')).toBeVisible();
  expect(await shownIn(page)).toHaveLength(2);
});

test('a notification goes once another tab or a colleague has read, or the conversation is over', async ({ server, context, visitor, colleague }) => {
  await fake(context, 'granted');
  const inbox = new Inbox(await context.newPage());
  await inbox.signIn(await server.link());
  const { page } = inbox;
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('switch', { name: 'Desktop notifications' }).click();
  await page.keyboard.press('Escape');
  const second = new Inbox(await context.newPage());
  await second.page.goto(server.url);
  await expect(second.rows.first()).toBeVisible();
  await look(page, false);
  await look(second.page, false);

  await visitor.askForAPerson('My lamp hums');
  const said = async () => (await shownIn(page)).map(({ body }) => body);
  await expect.poll(said).toContain('My lamp hums');
  expect(await openIn(page)).toBeGreaterThan(0);
  await second.open('My lamp hums');
  await expect.poll(() => openIn(page)).toBe(0);
  await second.page.close();

  await visitor.send('Hello?');
  await expect.poll(said).toContain('Hello?');
  expect(await openIn(page)).toBe(1);
  await colleague.open('Hello?');
  await expect.poll(() => openIn(page)).toBe(0);
  await colleague.open('Kwame Mensah');

  await visitor.send('Anybody?');
  await expect.poll(() => openIn(page)).toBe(1);
  const { id: conversationId } = await conversationOf(server, 'Visitor');
  await server.api(ben, 'PATCH', '/conversations', { conversationId, status: 'closed' });
  await expect.poll(() => openIn(page)).toBe(0);
});

test('a sound once it is switched on, in one tab', async ({ server, context, visitor }) => {
  await fake(context, 'granted');
  const inbox = new Inbox(await context.newPage());
  await inbox.signIn(await server.link());
  await visitor.askForAPerson('My lamp hums');
  await expect(inbox.row('My lamp hums')).toBeVisible();
  expect(await tonesIn(inbox.page)).toBe(0);

  await inbox.page.getByRole('button', { name: 'Settings' }).click();
  await inbox.page.getByRole('switch', { name: 'Sound' }).click();
  // So that one knows what to listen for.
  expect(await tonesIn(inbox.page)).toBe(2);
  await inbox.page.keyboard.press('Escape');
  const second = new Inbox(await context.newPage());
  await second.page.goto(server.url);
  await second.row('My lamp hums').hover();
  await second.page.keyboard.press('Shift');

  await visitor.send('Hello?');
  await expect(second.row('Hello?')).toBeVisible();
  await expect.poll(() => tonesIn(inbox.page)).toBe(4);
  expect(await tonesIn(second.page)).toBe(0);
  await inbox.open('Hello?');
  await visitor.send('Still there?');
  await expect(inbox.message('Still there?')).toBeVisible();
  expect(await tonesIn(inbox.page)).toBe(4);

  // Read in the other tab, it needs no sound in this one.
  await inbox.page.keyboard.press('Escape');
  await inbox.open('Kwame Mensah');
  await look(inbox.page, false);
  await second.open('Still there?');
  await visitor.send('You there?');
  await expect(second.message('You there?')).toBeVisible();
  await expect(inbox.row('You there?')).toBeVisible();
  expect(await tonesIn(inbox.page)).toBe(4);
  await second.page.close();
  await expect.poll(() => lookedAt(inbox.page)).toBe(0);
  await visitor.send('Last try');
  await expect.poll(() => tonesIn(inbox.page)).toBe(6);
});

test('the sound is as loud as one sets it, and stays so', async ({ inbox }) => {
  const { page } = inbox;
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('slider', { name: 'Volume' })).toHaveCount(0);
  await page.getByRole('switch', { name: 'Sound' }).click();
  const volume = page.getByRole('slider', { name: 'Volume' });
  await volume.focus();
  await page.keyboard.press('Home');
  await expect(volume).toHaveValue('0.1');
  await page.reload();
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('switch', { name: 'Sound' })).toBeChecked();
  await expect(volume).toHaveValue('0.1');
});
