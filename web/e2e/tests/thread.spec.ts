import type { Page } from '@playwright/test';
import { conversation } from '../support/conversations.ts';
import { expectAccessible } from '../support/axe.ts';
import { gate } from '../support/gate.ts';
import { Inbox } from '../support/inbox.ts';
import { conversationOf, say } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import { typeUntilSeen } from '../support/typing.ts';
import type { ParlorServer } from '../support/server.ts';

const ben = { role: 'agent', sub: 'ben', name: 'Ben' } as const;

/** The one conversation of the test that mentions `word`. */
async function idOf(server: ParlorServer, word: string): Promise<string> {
  const { conversations } = await server.api<{ conversations: { id: string }[] }>(ben, 'GET', `/conversations?status=all&search=${word}&messages=0`);
  return conversations[0]?.id ?? '';
}
const jump = (page: Page) => page.getByRole('button', { name: /Jump to latest|new messages?$/ });
/** How far the end of the thread is below the view. */
const belowEnd = (inbox: Inbox) => inbox.thread.evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));

test('pictures that load late move neither thread nor list', async ({ inbox, server }) => {
  const { page } = inbox;
  const { id, userId } = await conversationOf(server, 'Noor Haddad');
  const late = gate();
  await page.route('https://pictures.test/**', async (route) => {
    await late.opened;
    // Higher than wide, and large.
    const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="1600"><rect width="900" height="1600" fill="teal"/></svg>';
    await route.fulfill({ contentType: 'image/svg+xml', body: picture });
  });
  await server.api({ role: 'service', sub: 'host' }, 'PUT', `/users/${userId}`, { name: 'Noor Haddad', avatar: 'https://pictures.test/noor.svg' });
  await page.goto(`${server.url}/?conversation=${id}`);
  await expect(inbox.message('My Moon arrived today')).toBeVisible();
  const pictures = page.locator('.pl-avatar img');
  await expect(pictures.first()).toBeAttached();
  const places = () => page.locator('.pl-card, .pl-row, .pl-thread-header, .pl-details-part').evaluateAll((all) => all.map((each) => each.getBoundingClientRect().toJSON()));
  await page.waitForFunction(settled);
  const before = await places();
  late.open();
  await expect.poll(() => pictures.evaluateAll((all) => all.filter((each) => (each as HTMLImageElement).naturalHeight === 1_600).length)).toBeGreaterThan(1);
  await page.waitForFunction(settled);
  expect(await places()).toEqual(before);
});

test.describe('a long thread', () => {
  const long = conversation({ name: 'Long Reader', messages: Array.from({ length: 400 }, (_, index) => `Line ${index + 1} of the talk`) }, 30);
  test.use({ serverOptions: { demo: false, conversations: [long] } });

  test('moves its reader by less than a pixel when older messages come in above', async ({ inbox }) => {
    const { page } = inbox;
    await inbox.open('Long Reader');
    await expect(inbox.message('Line 400 of')).toBeVisible();
    await expect.poll(() => belowEnd(inbox)).toBeLessThan(2);

    let older = gate();
    await page.route(/\/messages\?.*before=/, async (route) => {
      await older.opened;
      await route.continue();
    });
    const drifts: number[] = [];
    for (let step = 0; step < 5; step += 1) {
      older = gate();
      await inbox.thread.evaluate((log) => log.scrollTo(0, 500));
      await expect(inbox.thread).toHaveAttribute('aria-busy', 'true');
      await page.waitForFunction(settled);
      const drift = await inbox.thread.evaluateHandle(watchDrift);
      older.open();
      drifts.push(await drift.evaluate(({ furthest }) => furthest));
    }
    await expect(inbox.message('Line 400 of')).toHaveCount(0);
    expect(Math.max(...drifts)).toBeLessThan(1);
  });

  test('keeps the step of its reader that the browser has not told of when older messages come in', async ({ inbox }) => {
    const { page } = inbox;
    await inbox.open('Long Reader');
    await expect(inbox.message('Line 400 of')).toBeVisible();
    const older = gate();
    await page.route(/\/messages\?.*before=/, async (route) => {
      await older.opened;
      await route.continue();
    });
    await inbox.thread.evaluate((log) => log.scrollTo(0, 500));
    await expect(inbox.thread).toHaveAttribute('aria-busy', 'true');
    await page.waitForFunction(settled);
    const step = await inbox.thread.evaluateHandle(stepWithAnswer, 120);
    older.open();
    expect(await step.evaluate(({ moved }) => moved)).toBeCloseTo(120, 0);
    await expect(inbox.thread).not.toHaveAttribute('aria-busy');
  });

  test('says what came while one reads further up, and leads there', async ({ inbox, server }) => {
    await inbox.open('Long Reader');
    await expect(inbox.message('Line 400 of')).toBeVisible();
    await inbox.thread.hover();
    await inbox.page.mouse.wheel(0, -2_000);
    await expect(jump(inbox.page)).toHaveText('Jump to latest');
    const id = await idOf(server, 'Long');
    for (const text of ['One more', 'And another']) await server.api({ role: 'service', sub: 'host' }, 'POST', '/messages', { conversationId: id, text, type: 'user' });
    await expect(jump(inbox.page)).toHaveText('2 new messages');
    await expect(inbox.row('Long Reader')).toContainText('2 unread messages');
    await jump(inbox.page).click();
    await expect(inbox.message('And another')).toBeVisible();
    await expect(jump(inbox.page)).toHaveCount(0);
    await expect(inbox.row('Long Reader')).not.toContainText('unread');
  });

  test('that is hidden for a while shows its reader the same message at the same place, and says what came', async ({ inbox, server }) => {
    const { page } = inbox;
    await inbox.open('Long Reader');
    await expect(inbox.message('Line 400 of')).toBeVisible();
    await expect.poll(() => belowEnd(inbox)).toBeLessThan(2);
    await inbox.thread.hover();
    await page.mouse.wheel(0, -1_200);
    await expect(jump(page)).toHaveText('Jump to latest');
    await expect(inbox.thread).not.toHaveAttribute('aria-busy');
    await page.waitForFunction(settled);
    const { text, top } = await inbox.thread.evaluate(inTheMiddle);

    await hideThread(page, true);
    await say(server, 'Long Reader', 'Said to a hidden page');
    await expect(inbox.row('Said to a hidden page')).toBeVisible();
    await page.waitForFunction(settled);
    await hideThread(page, false);

    await expect(jump(page)).toHaveText('1 new message');
    await expect(inbox.message(text)).toBeInViewport();
    await page.waitForFunction(settled);
    const now = await inbox.thread.evaluate(inTheMiddle);
    expect(now.text).toBe(text);
    expect(Math.abs(now.top - top)).toBeLessThan(1);
  });

  test('that is hidden for a while is followed by who read it at its end', async ({ inbox, server }) => {
    const { page } = inbox;
    await inbox.open('Long Reader');
    await expect(inbox.message('Line 400 of')).toBeVisible();
    await expect.poll(() => belowEnd(inbox)).toBeLessThan(2);
    await hideThread(page, true);
    await say(server, 'Long Reader', 'Said to a hidden page');
    await expect(inbox.row('Said to a hidden page')).toBeVisible();
    await hideThread(page, false);
    await expect(inbox.message('Said to a hidden page')).toBeInViewport({ ratio: 1 });
    await expect.poll(() => belowEnd(inbox)).toBeLessThan(2);
    await expect(jump(page)).toHaveCount(0);
  });

  test('stays at its end when the field takes a page of text', async ({ inbox }) => {
    await inbox.open('Long Reader');
    await expect(inbox.message('Line 400 of')).toBeVisible();
    await inbox.composer.fill('line\n'.repeat(12));
    await expect.poll(() => belowEnd(inbox)).toBeLessThan(2);
    await expect(jump(inbox.page)).toHaveCount(0);
  });
});

/** As a page does that keeps what it shows in tabs. */
const hideThread = (page: Page, isHidden: boolean) =>
  page.locator('.pl-thread').evaluate((pane: HTMLElement, display) => { pane.style.display = display; }, isHidden ? 'none' : '');

/** What is read in the middle of the view, and where it stands. */
function inTheMiddle(log: Element): { text: string; top: number } {
  const middle = log.getBoundingClientRect().top + log.clientHeight / 2;
  const message = [...log.querySelectorAll('[data-author]')].find((each) => each.getBoundingClientRect().bottom > middle);
  return { text: message?.querySelector('.pl-bubble-text')?.textContent ?? '', top: message?.getBoundingClientRect().top ?? Number.NaN };
}

/** Nothing moves any more. */
function settled(): boolean | Promise<boolean> {
  const log = document.querySelector('[role="log"]');
  const top = log?.scrollTop;
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(log?.scrollTop === top))));
}

/** Scrolls up once the older messages are there and before the page takes them in; says how far that moved what is in the middle of the view. */
function stepWithAnswer(log: Element, px: number): { moved: Promise<number> } {
  const middle = log.getBoundingClientRect().top + log.clientHeight / 2;
  const row = [...log.querySelectorAll('li[data-index]')].find((each) => each.getBoundingClientRect().bottom > middle);
  const top = () => row?.getBoundingClientRect().top ?? Number.NaN;
  const { text } = Response.prototype;
  const moved = new Promise<number>((resolve) => {
    Response.prototype.text = async function textAndStep(this: Response) {
      const answer = await text.call(this);
      if (!this.url.includes('before=')) return answer;
      Response.prototype.text = text;
      const before = top();
      log.scrollBy(0, -px);
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(top() - before)));
      return answer;
    };
  });
  return { moved };
}

/** How far the message in the middle of the view moves until what was asked for has come in and a while after. */
function watchDrift(log: Element): { furthest: Promise<number> } {
  const middle = log.getBoundingClientRect().top + log.clientHeight / 2;
  const row = [...log.querySelectorAll('li[data-index]')].find((each) => each.getBoundingClientRect().bottom > middle);
  const first = row?.getBoundingClientRect().top ?? 0;
  let most = 0;
  let frames = 0;
  const furthest = new Promise<number>((resolve) => {
    const watch = () => {
      if (row?.isConnected) most = Math.max(most, Math.abs(row.getBoundingClientRect().top - first));
      frames = log.ariaBusy === 'true' ? 0 : frames + 1;
      if (frames === 20) resolve(most);
      else requestAnimationFrame(watch);
    };
    watch();
  });
  return { furthest };
}

test('taking over names from whom and asks first; Escape leaves everything as it is', async ({ inbox, visitor, server }) => {
  await visitor.askForAPerson('Anyone there?');
  await inbox.open('Visitor');
  await server.api(ben, 'POST', `/conversations/${await idOf(server, 'Anyone')}/take`, {});
  await inbox.actions.getByRole('button', { name: 'Take over' }).click();
  const question = inbox.page.getByRole('alertdialog');
  await expect(question).toContainText('Take the conversation over from Ben?');
  await expect(question.getByRole('button', { name: 'Take over' })).toBeFocused();
  await expectAccessible(inbox.page);
  await inbox.page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(inbox.actions.getByRole('button', { name: 'Take over' })).toBeFocused();
  await expect(inbox.row('Visitor')).toContainText('Ben');
});

test('of two consoles that send at one instant one message lands; the other keeps its words, shows the holder and can take over', async ({
  inbox, visitor, server, browser,
}) => {
  await visitor.askForAPerson('Who is faster?');
  await inbox.open('Visitor');
  const other = await browser.newContext();
  const bens = new Inbox(await other.newPage());
  await bens.signIn(await server.newLink({ sub: 'ben', name: 'Ben' }));
  await bens.open('Visitor');

  // What Ada sends was written to a conversation that nobody held.
  await inbox.page.context().setOffline(true);
  await inbox.send('I am, says Ada');
  await inbox.send('And so on');
  await bens.send('I am, says Ben');
  await expect(visitor.message('I am, says Ben')).toBeVisible();
  await inbox.page.context().setOffline(false);

  const refused = inbox.message('I am, says Ada');
  await expect(refused).toContainText('Not sent. Ben took this conversation meanwhile.');
  await expect(inbox.message('And so on')).toContainText('Waits for the message above');
  await expect(visitor.message('says Ada')).toHaveCount(0);
  await expectAccessible(inbox.page);

  await refused.getByRole('button', { name: 'Take over and send' }).click();
  await expect(visitor.message('And so on')).toBeVisible();
  await expect(visitor.texts).toHaveText([/^Hello!/, /./, /./, 'Who is faster?', 'I am, says Ben', 'I am, says Ada', 'And so on']);
  await expect(inbox.row('Visitor')).toContainText('Ada');
  await other.close();
});

test('who else is replying is said before one sends', async ({ inbox, visitor, server, browser }) => {
  await visitor.askForAPerson('Two at once?');
  await inbox.open('Visitor');
  const other = await browser.newContext();
  const bens = new Inbox(await other.newPage());
  await bens.signIn(await server.newLink({ sub: 'ben', name: 'Ben' }));
  await bens.open('Visitor');
  await typeUntilSeen(bens.composer, 'Me fir', inbox.page.getByText('Ben is replying right now.'));
  await bens.composer.fill('');
  await expect(inbox.page.getByText('Ben is replying right now.')).toHaveCount(0);
  await other.close();
});

test('closing can be undone, and so can archiving', async ({ inbox }) => {
  await inbox.open('Kwame Mensah');
  await inbox.act('Close');
  await expect(inbox.row('Kwame Mensah')).toHaveCount(0);
  await inbox.page.getByRole('button', { name: 'Undo' }).click();
  await expect(inbox.row('Kwame Mensah')).toHaveCount(1);
  await inbox.act('Archive');
  await expect(inbox.row('Kwame Mensah')).toHaveCount(0);
  await inbox.page.getByRole('button', { name: 'Undo' }).click();
  await expect(inbox.row('Kwame Mensah')).toHaveCount(1);
  await expect(inbox.actions.getByRole('button', { name: 'Close' })).toBeVisible();
});

test('marked unread from a message on, a conversation stays unread until it is opened again', async ({ inbox, visitor }) => {
  await visitor.askForAPerson('First');
  await visitor.send('Second');
  await inbox.open('Visitor');
  await expect(inbox.message('Second')).toBeVisible();
  await expect(inbox.row('Visitor')).not.toContainText('unread');
  const { page } = inbox;
  // With the keyboard: into the log, one message up.
  await inbox.thread.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Copy text' })).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(inbox.row('Visitor')).toContainText('1 unread message');
  await expect(inbox.thread.locator('li', { has: page.getByText('New', { exact: true }) }).locator('+ li')).toContainText('Second');
  await inbox.open('Kwame Mensah');
  await expect(inbox.row('Visitor')).toContainText('1 unread message');
  await inbox.open('Visitor');
  await expect(inbox.row('Visitor')).not.toContainText('unread');
});

test('the person stands beside the thread where there is room, and over it where there is not', async ({ inbox, visitor }) => {
  await visitor.option('Help me choose a lamp').click();
  await visitor.option('On a desk').click();
  await inbox.open('Visitor');
  const { page } = inbox;
  const panel = page.getByRole('complementary', { name: 'About Visitor' });
  const toggle = inbox.actions.getByRole('button', { name: 'Details' });
  await expect(panel.getByRole('region', { name: 'Path through the funnel' })).toContainText('Where will the lamp stand?On a desk');
  await expect(toggle).toHaveAttribute('aria-expanded', 'true');
  await expectAccessible(page);

  await panel.getByRole('combobox', { name: 'Add a label' }).fill('desk lamps');
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('button', { name: 'Remove desk lamps' })).toBeVisible();

  await panel.getByRole('button', { name: 'Close details' }).click();
  await expect(panel).toHaveCount(0);
  await expect(toggle).toBeFocused();
  // Once for all conversations.
  await inbox.open('Kwame Mensah');
  await expect(page.getByRole('complementary')).toHaveCount(0);

  await inbox.open('Visitor');
  await page.setViewportSize({ width: 390, height: 844 });
  await toggle.click();
  await expect(panel.getByRole('button', { name: 'Remove desk lamps' })).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Close details' })).toBeFocused();
  await expect(inbox.composer).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(panel).toHaveCount(0);
  await expect(toggle).toBeFocused();
  await expect(inbox.composer).toBeVisible();
});

test('the line below a name has dots between what is shown, and none where something is left out for want of room', async ({ inbox }) => {
  const { page } = inbox;
  const line = page.locator('.pl-thread-title > p');
  await page.setViewportSize({ width: 360, height: 700 });
  // An e-mail and a funnel that there is no room for, and nobody ever saw her.
  await inbox.open('Noor Haddad');
  await expect(line).toMatchAriaSnapshot('- paragraph: Waiting');
  await page.setViewportSize({ width: 1000, height: 700 });
  await expect(line).toMatchAriaSnapshot('- paragraph: noor@example.com · Lamp shop · Waiting');
});
