import type { Page } from '@playwright/test';
import { conversation } from '../support/conversations.ts';
import { gate } from '../support/gate.ts';
import { keepLit, type Inbox } from '../support/inbox.ts';
import { conversationOf, host, say } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import { typeUntilSeen } from '../support/typing.ts';

const day = 24 * 60 * 60_000;
const today = Math.floor(Date.now() / day) * day;
/** Noon, so many days ago, and some minutes. */
const noon = (daysAgo: number, minutes = 0) => new Date(today - daysAgo * day + day / 2 + minutes * 60_000).toISOString();

const lines = Array.from({ length: 400 }, (_, index) => `Line ${index + 1} of the talk`);
const long = conversation({ name: 'Long Reader', messages: lines }, 30);
const unread = { ...conversation({ name: 'Unread Reader', messages: lines }, 40), agentLastReadSeq: 120 };
const days = {
  ...conversation({ name: 'Daily Writer', messages: [] }, 60),
  startedAt: noon(5),
  agentLastReadSeq: 6,
  messages: [
    { type: 'user', text: 'The first of its day', timestamp: noon(5) },
    { type: 'user', text: 'Two minutes on', timestamp: noon(5, 2) },
    { type: 'user', text: 'Ten minutes on', timestamp: noon(5, 12) },
    { type: 'bot', text: 'Said by the bot', timestamp: noon(4) },
    { type: 'bot', text: 'Said by Ada', timestamp: noon(4, 1), author: { kind: 'agent', id: 'ada', name: 'Ada' } },
    { type: 'user', text: 'The last of all', timestamp: noon(3) },
  ],
};

test.describe('long threads', () => {
  test.use({ serverOptions: { demo: false, conversations: [long, unread, days] } });

  test('a thread opens at its first unread message, under a divider', async ({ inbox }) => {
    await inbox.open('Unread Reader');
    const divider = inbox.thread.getByText('New', { exact: true });
    await expect(divider).toBeInViewport();
    // The bot's line 122 is nothing to read first: the divider stands over the visitor's line 121.
    await expect(inbox.thread.locator('li', { has: inbox.page.getByText('New', { exact: true }) }).locator('+ li')).toContainText('Line 121 of');
    await expect(inbox.message('Line 121 of')).toBeInViewport();
    await expect(inbox.message('Line 400 of')).toHaveCount(0);
  });

  test('the end is followed within 80 px, and left alone beyond', async ({ inbox, server }) => {
    await inbox.open('Long Reader');
    await expect(inbox.message('Line 400 of')).toBeInViewport();
    await inbox.thread.hover();
    await scrollUp(inbox, 60);
    await say(server, 'Long Reader', 'Seen at once');
    await expect(inbox.message('Seen at once')).toBeInViewport({ ratio: 1 });
    await expect(pill(inbox.page)).toHaveCount(0);

    await scrollUp(inbox, 300);
    await expect(pill(inbox.page)).toHaveText('Jump to latest');
    const before = await inbox.thread.evaluate((log) => log.scrollTop);
    await say(server, 'Long Reader', 'Seen later');
    await expect(pill(inbox.page)).toHaveText('1 new message');
    expect(Math.abs((await inbox.thread.evaluate((log) => log.scrollTop)) - before)).toBeLessThan(1);
  });

  test('a link opens a message far above the newest page, in the middle and lit, and reading goes on both ways', async ({ inbox, server }) => {
    const { id } = await conversationOf(server, 'Long Reader');
    await keepLit(inbox.page);
    await inbox.page.goto(`${server.url}/?conversation=${id}&message=100`);
    await expect(inbox.thread.locator('.pl-row[data-lit]')).toContainText('Line 100 of');
    await expect(inbox.message('Line 100 of')).toBeInViewport({ ratio: 1 });
    await expect(inbox.message('Line 400 of')).toHaveCount(0);
    await expect(pill(inbox.page)).toBeVisible();
    await readTo(inbox, 'Line 60 of', -400);
    await readTo(inbox, 'Line 140 of', 400);
    // What is loaded on the way down is not new; what is said now is, though it is not loaded yet.
    await expect(pill(inbox.page)).toHaveText('Jump to latest');
    await say(server, 'Long Reader', 'Said meanwhile');
    await expect(pill(inbox.page)).toHaveText('1 new message');
    await pill(inbox.page).click();
    await expect(inbox.message('Said meanwhile')).toBeInViewport();
    await expect(pill(inbox.page)).toHaveCount(0);
    // What was a place in the talk stays one after a reload.
    await expect(inbox.page).toHaveURL(new RegExp(`conversation=${id}`));
  });

  test('what closes the gap to the newest is unread until it is seen', async ({ inbox, server }) => {
    const { page } = inbox;
    const { id } = await conversationOf(server, 'Unread Reader');
    await page.goto(`${server.url}/?conversation=${id}&message=340`);
    await expect(inbox.message('Line 340 of')).toBeInViewport();
    const last = gate();
    await page.route(/\/messages\?/, async (route) => {
      await last.opened;
      await route.continue();
    });
    const arrived = page.waitForResponse(/\/messages\?/);
    const end = () => inbox.thread.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
    const toEnd = () => inbox.thread.evaluate((log) => log.scrollTo(0, log.scrollHeight));
    await expect.poll(async () => (await toEnd(), end())).toBeLessThan(1);
    last.open();
    await arrived;
    await expect.poll(end).toBeGreaterThan(500);
    // What this page says to the server it has said before what it hears now.
    await say(server, 'Long Reader', 'Said elsewhere');
    await expect(inbox.row('Said elsewhere')).toBeVisible();
    expect(await conversationOf(server, 'Unread Reader')).toMatchObject({ agentLastReadSeq: 120 });
    await expect(inbox.message('Line 400 of')).not.toBeInViewport();

    await expect.poll(async () => (await toEnd(), end())).toBeLessThan(1);
    await expect(inbox.message('Line 400 of')).toBeInViewport();
    await expect.poll(() => conversationOf(server, 'Unread Reader')).toMatchObject({ agentLastReadSeq: 400 });
  });

  test('days are told apart, and who writes again within five minutes is named once', async ({ inbox }) => {
    await inbox.open('Daily Writer');
    const separators = inbox.thread.locator('.pl-separator[data-kind="day"] time');
    await expect(separators).toHaveCount(3);
    for (const [index, ago] of [5, 4, 3].entries()) {
      await expect(separators.nth(index)).toHaveAttribute('datetime', new RegExp(`^${noon(ago).slice(0, 10)}`));
    }
    const isNamed = (text: string) => inbox.message(text).locator('.pl-message-author');
    await expect(isNamed('The first of its day')).toHaveText('Daily Writer');
    await expect(isNamed('Two minutes on')).toHaveCount(0);
    await expect(isNamed('Ten minutes on')).toHaveText('Daily Writer');

    // Each time is one, with its whole date.
    const time = inbox.message('Two minutes on').locator('time');
    await expect(time).toHaveText('12:02');
    await expect(time).toHaveAttribute('datetime', noon(5, 2));
    await expect(time).toHaveAttribute('title', new RegExp(`${new Date(noon(5)).getUTCFullYear()}.*12:02`));
  });

  test('bot and person are told apart by words and sign, not by colour alone', async ({ inbox }) => {
    await inbox.open('Daily Writer');
    await expect(inbox.message('Said by the bot').locator('.pl-message-author')).toHaveText(/Bot\s*automatic/);
    await expect(inbox.message('Said by the bot').locator('.pl-avatar svg')).toHaveCount(1);
    await expect(inbox.message('Said by Ada').locator('.pl-message-author')).toHaveText('You');
    await expect(inbox.message('Said by Ada').locator('.pl-avatar')).toHaveText('A');
  });
});

test('a thread that is in view as a whole, its unread message too, offers no way to its end', async ({ inbox }) => {
  await inbox.open('Noor Haddad');
  await expect(inbox.thread.getByText('New', { exact: true })).toBeInViewport();
  await expect(inbox.message('My Moon arrived today')).toBeInViewport({ ratio: 1 });
  await expect(pill(inbox.page)).toHaveCount(0);
});

test('long text is folded, and unfolds without moving its reader', async ({ inbox, server }) => {
  await say(server, 'Noor Haddad', Array.from({ length: 60 }, (_, index) => `Line ${index + 1}.`).join('\n'));
  await inbox.open('Noor Haddad');
  const message = inbox.message('Line 1.');
  await expect(message).toBeVisible();
  const folded = await message.boundingBox();
  expect(folded?.height).toBeLessThan(500);
  const more = message.getByRole('button', { name: 'Show more' });
  await expect(more).toHaveAttribute('aria-expanded', 'false');
  await more.click();
  await expect(message.getByRole('button', { name: 'Show less' })).toBeVisible();
  await expect.poll(async () => (await message.boundingBox())?.height).toBeGreaterThan(1_000);
  expect(Math.abs(((await message.boundingBox())?.y ?? 0) - (folded?.y ?? 0))).toBeLessThan(1);
});

test('a text is laid out the way it is written, and its links go nowhere by themselves', async ({ inbox, server }) => {
  await say(server, 'Noor Haddad', 'هل يمكنني إعادة المصباح؟');
  await say(server, 'Noor Haddad', 'See https://shop.test/moon <img src=x onerror=alert(1)>');
  await inbox.open('Noor Haddad');
  const directionOf = (text: string) => inbox.message(text).locator('.pl-bubble').evaluate((bubble) => getComputedStyle(bubble).direction);
  expect(await directionOf('هل يمكنني')).toBe('rtl');
  expect(await directionOf('See https')).toBe('ltr');
  await expect(inbox.message('See https')).toContainText('<img src=x onerror=alert(1)>');
  await expect(inbox.message('See https').getByRole('link')).toHaveAttribute('rel', 'noopener noreferrer nofollow ugc');
  await inbox.composer.fill('نعم');
  expect(await inbox.composer.evaluate((field) => getComputedStyle(field).direction)).toBe('rtl');
});

test('the typing line stands outside the log and goes after five seconds without a word', async ({ inbox, visitor }) => {
  await visitor.askForAPerson('Is anybody there?');
  const { page } = inbox;
  await page.clock.install();
  await page.reload();
  await inbox.open('Visitor');
  const line = page.getByText('Visitor is typing…');
  await typeUntilSeen(visitor.composer, 'Wel', line);
  await expect(inbox.thread.getByText('is typing')).toHaveCount(0);
  // Gone into a tunnel, so that nobody says that it ended.
  await visitor.page.context().setOffline(true);
  await page.clock.fastForward(5_100);
  await expect(line).toHaveCount(0);
  await expect(inbox.message('Is anybody there?')).toBeVisible();
});

test('relative times move with one timer for all of them', async ({ inbox, server }) => {
  const { page } = inbox;
  await page.addInitScript(() => {
    const paces: number[] = [];
    Object.assign(window, { paces });
    const start = window.setInterval;
    window.setInterval = ((run: TimerHandler, ms?: number, ...rest: unknown[]) => {
      if ((ms ?? 0) >= 20_000) paces.push(ms ?? 0);
      return start(run, ms, ...rest);
    }) as typeof window.setInterval;
  });
  await page.goto(server.url);
  await expect(inbox.rows.nth(6)).toBeVisible();
  await inbox.open('Kwame Mensah');
  await expect(inbox.message('Where will the lamp stand?')).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { paces: number[] }).paces)).toHaveLength(1);

  await page.clock.install();
  await page.reload();
  await server.api(host, 'POST', '/messages', { conversationId: (await conversationOf(server, 'Marek Nowak')).id, type: 'user', text: 'Hello?' });
  const time = inbox.row('Marek Nowak').locator('time').first();
  await expect(time).toHaveText('now');
  await page.clock.fastForward(3 * 60_000 + 1_000);
  await expect(time).toHaveText(/^3 min/);
});

test('what somebody is doing is never said to the one who does it', async ({ inbox, visitor, colleague }) => {
  await visitor.askForAPerson('Is anybody there?');
  await inbox.open('Visitor');
  await colleague.open('Visitor');
  const shown = [colleague.page.getByText('Ada is replying right now.'), visitor.chat.getByText('Ada is typing…')];
  await typeUntilSeen(inbox.composer, 'One mo', ...shown);
  await expect(inbox.page.getByText('Ada is')).toHaveCount(0);
  await inbox.composer.press('Enter');
  await expect(colleague.page.getByText('is replying right now.')).toHaveCount(0);
  await expect(colleague.row('Visitor')).toContainText('Ada');
});

const pill = (page: Page) => page.getByRole('button', { name: /Jump to latest|new messages?$/ });

/** Turns the wheel by so many pixels until a message is there, further away than what is loaded at first. */
async function readTo(inbox: Inbox, text: string, px: number): Promise<void> {
  await inbox.thread.hover();
  await expect(async () => {
    await inbox.page.mouse.wheel(0, px);
    await expect(inbox.message(text)).toBeInViewport({ timeout: 500 });
  }).toPass({ intervals: [0] });
}

async function scrollUp(inbox: Inbox, px: number): Promise<void> {
  const before = await inbox.thread.evaluate((log) => log.scrollTop);
  await inbox.page.mouse.wheel(0, -px);
  await expect.poll(() => inbox.thread.evaluate((log) => log.scrollTop)).toBeLessThanOrEqual(before - px + 1);
}
