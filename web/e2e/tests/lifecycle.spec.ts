import type { Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { conversation, guests } from '../support/conversations.ts';
import { expect, test } from '../support/test.ts';
import type { ParlorServer } from '../support/server.ts';

const admin = { role: 'admin', sub: 'ada', name: 'Ada' } as const;

interface Settings {
  version: number;
  clock: { isPaused: boolean };
  redating?: { done: number; total?: number };
  inboxes: { default: Record<string, number | 'off'> };
  funnels: Record<string, Record<string, number | 'off'>>;
}

/** Other rules for the whole inbox, as an administrator's program would set them. */
async function setPolicy(server: ParlorServer, policy: Record<string, number | 'off'>): Promise<void> {
  const { inboxes, funnels } = await server.api<Settings>(admin, 'GET', '/settings');
  await server.api(admin, 'PUT', '/settings', { inboxes: { default: { ...inboxes.default, ...policy } }, funnels });
}

async function idOf(server: ParlorServer, name: string): Promise<string> {
  const { conversations } = await server.api<{ conversations: { id: string; user: { name: string } }[] }>(admin, 'GET', '/conversations?messages=0&limit=100');
  const found = conversations.find(({ user }) => user.name === name);
  if (found === undefined) throw new Error(`no conversation with ${name}`);
  return found.id;
}

async function openLifecycle(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Conversation lifecycle' }).click();
  await expect(page.getByRole('heading', { name: 'Lifecycle' })).toBeVisible();
}

test('a conversation closes on both screens at its time, warned of, and the visitor brings it back by writing', async ({ inbox, visitor, server }) => {
  test.slow();
  // Warned of for as long as both screens may take to show it, then closed without waiting for that to be over.
  await setPolicy(server, { botIdleS: 60, warnBeforeS: 59 });
  await visitor.option('Help me choose a lamp').click();
  await inbox.open('Visitor');
  // The page's clock goes by half minutes: it may still think of the minute before.
  await expect(inbox.page.locator('.pl-thread-title').getByText(/^Closes (within a minute|in 2 minutes)$/)).toBeVisible();
  await expect(visitor.thread.getByText(/^This conversation closes at .* unless you write\.$/)).toBeVisible();

  await setPolicy(server, { botIdleS: 10, warnBeforeS: 'off' });
  await expect(visitor.thread.getByText('Closed after a time without messages')).toBeVisible({ timeout: 60_000 });
  await expect(inbox.thread.getByText('Closed after a time without messages')).toBeVisible();
  await expect(inbox.row('Visitor')).toHaveCount(0);
  await expect(inbox.actions.getByRole('button', { name: 'Reopen' })).toBeVisible();

  await setPolicy(server, { botIdleS: 3_600, warnBeforeS: 300 });
  await visitor.send('I am back');
  await expect(inbox.message('I am back')).toBeVisible();
  await expect(inbox.thread.getByText('Conversation reopened')).toBeVisible();
  await expect(inbox.row('Visitor')).toHaveCount(1);
  await expect(inbox.actions.getByRole('button', { name: 'Close' })).toBeVisible();
});

test('rules are changed with a look at what they would have done, and each funnel may differ', async ({ inbox, server }) => {
  test.slow();
  const { page } = inbox;
  await openLifecycle(page);
  await expectAccessible(page);
  await page.getByRole('combobox', { name: 'Waiting for the team: unit' }).selectOption('minutes');
  await page.getByRole('spinbutton', { name: 'Waiting for the team: how many' }).fill('5');
  await expect(page.getByText(/^In the last \d+ days this would have closed \d+ conversations?, /)).toBeVisible();
  await page.getByRole('combobox', { name: 'Add a funnel' }).selectOption({ index: 1 });
  await page.getByRole('combobox', { name: 'Erase after: unit' }).nth(1).selectOption('Never');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText(/^Saved\./)).toBeVisible();
  const stored = await server.api<Settings>(admin, 'GET', '/settings');
  expect(stored.inboxes.default['teamIdleS']).toBe(300);
  expect(Object.values(stored.funnels)).toEqual([{ deleteAfterS: 'off' }]);

  await page.reload();
  await expect(page.getByRole('spinbutton', { name: 'Waiting for the team: how many' })).toHaveValue('5');
  await page.getByRole('spinbutton', { name: 'Waiting for the team: how many' }).fill('0');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('spinbutton', { name: 'Waiting for the team: how many' })).toBeFocused();
  await expect(page.getByText('Between 10 seconds and 365 days.')).toBeVisible();
  await page.getByRole('button', { name: 'Discard changes' }).click();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect(inbox.rows.first()).toBeVisible();
});

/**
 * Hears all that the server says of the page's next change until it is carried out. The page hears of one of these states, for
 * as long as a test looks at it.
 */
async function retell(page: Page, url: string) {
  const states: Settings[] = [];
  let shown: Settings | undefined;
  let heard: Promise<void> | undefined;
  const hear = async () => void states.push((await (await page.request.get(url)).json()) as Settings);
  const hearOn = async () => {
    while (states.at(-1)?.redating) await hear();
  };
  await page.route(url, async (route) => {
    if (route.request().method() === 'PUT') {
      const answer = await route.fetch();
      await hear();
      shown = states[0];
      heard = hearOn();
      return route.fulfill({ response: answer });
    }
    return shown === undefined ? route.continue() : route.fulfill({ json: shown });
  });
  return {
    async all() {
      await heard;
      return states;
    },
    show(state: Settings | undefined) {
      shown = state;
    },
  };
}

test.describe('with many conversations', () => {
  // A bounded number a second get their new times: these take seconds on any machine.
  const count = 24_000;
  const conversations = guests(count).map((guest, index) => conversation({ ...guest, messages: guest.messages.slice(0, 1), isClosed: false }, 10 + index));
  test.use({ serverOptions: { demo: false, conversations } });

  test('a change of the rules shows how far it has come through the conversations, until all have their new times', async ({ inbox, server }) => {
    test.slow();
    const { page } = inbox;
    await openLifecycle(page);
    await page.getByRole('combobox', { name: 'Waiting for the team: unit' }).selectOption('days');
    await page.getByRole('spinbutton', { name: 'Waiting for the team: how many' }).fill('300');
    const told = await retell(page, `${server.url}/api/live-chat/settings`);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText(/^Saved\./)).toBeVisible();

    const states = await told.all();
    const under = states.filter(({ redating }) => redating?.total === count);
    const steps = under.map(({ redating }) => redating?.done ?? 0);
    expect(new Set(steps).size).toBeGreaterThan(1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    for (const state of [under[0], under.at(-1)]) {
      told.show(state);
      const done = (state?.redating?.done ?? 0).toLocaleString('en-GB');
      await expect(page.getByRole('progressbar', { name: `Giving conversations their new times: ${done} of 24,000` })).toBeVisible();
    }
    told.show(states.at(-1));
    await expect(page.getByRole('progressbar')).toHaveCount(0);

    const query = '/conversations?sortBy=oldest&messages=0&limit=1';
    const { conversations: oldest } = await server.api<{ conversations: { autoCloseAt?: string }[] }>(admin, 'GET', query);
    expect(oldest[0]?.autoCloseAt).toBeDefined();
  });
});

test('a clock that went back is warned of on an open page, and believed again there or on the machine', async ({ inbox, server }) => {
  test.slow();
  const { page } = inbox;
  const warning = page.getByRole('alert', { name: 'Nothing is erased by itself at the moment' });
  const isPaused = async () => (await server.api<Settings>(admin, 'GET', '/settings')).clock.isPaused;
  const hour = 3_600_000;
  await openLifecycle(page);
  await expect(page.getByRole('spinbutton', { name: 'With the bot: how many' })).toBeVisible();
  await expect(warning).toHaveCount(0);

  await server.restartBefore(hour);
  await expect(warning.getByText(/^The machine’s clock and the time that Parlor ran differ by 1 hour since /)).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page);
  await warning.getByRole('button', { name: 'The clock is right: go on' }).click();
  await expect(warning).toHaveCount(0);
  await expect.poll(isPaused).toBe(false);

  // A pause outlasts a restart, and who comes later sees it too.
  await server.restartBefore(hour);
  await server.stop();
  await server.start();
  await page.reload();
  await expect(warning).toBeVisible();
  await server.goOn();
  await expect.poll(isPaused, { timeout: 20_000 }).toBe(false);
  await page.reload();
  await expect(page.getByRole('spinbutton', { name: 'With the bot: how many' })).toBeVisible();
  await expect(warning).toHaveCount(0);
});

test('a conversation rests by the keyboard, wakes at its time and with its visitor, and is held', async ({ inbox, visitor, server }) => {
  const { page } = inbox;
  await visitor.askForAPerson('Is it in stock?');
  await inbox.open('Visitor');
  await page.keyboard.press('Escape');
  await expect(inbox.row('Visitor')).toBeFocused();
  await page.keyboard.press('s');
  await inbox.dialog.getByRole('combobox').press('Enter');
  const title = page.locator('.pl-thread-title');
  await expect(title.getByText(/^Snoozed until /)).toBeVisible();
  await expect(inbox.row('Visitor')).toContainText('Snoozed');

  const conversationId = await idOf(server, 'Visitor');
  await server.api(admin, 'PATCH', '/conversations', { conversationId, snoozedUntil: new Date(Date.now() + 10_000).toISOString() });
  await expect(title.getByText(/^Snoozed until /)).toHaveCount(0, { timeout: 30_000 });
  await expect(inbox.row('Visitor')).not.toContainText('Snoozed');

  await inbox.actions.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Snooze…' }).click();
  await inbox.dialog.getByRole('option', { name: /^Tomorrow morning/ }).click();
  await expect(title.getByText(/^Snoozed until /)).toBeVisible();
  await visitor.send('Hello?');
  await expect(title.getByText(/^Snoozed until /)).toHaveCount(0);

  await page.getByRole('checkbox', { name: /^Hold/ }).check();
  await expect(title.getByText('On hold')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(title.getByText('On hold')).toHaveCount(0);
  await page.getByRole('checkbox', { name: /^Hold/ }).check();
  await expect(title.getByText('On hold')).toBeVisible();
  await expectAccessible(page);
});

test('an administrator deletes a conversation after seeing what goes, and a person, and finds both in the record', async ({ inbox, visitor }) => {
  const { page } = inbox;
  await visitor.askForAPerson('Forget me');
  await inbox.open('Noor Haddad');
  await page.getByRole('button', { name: 'Delete conversation…' }).click();
  await expect(inbox.dialog.getByText(/^\d+ messages/)).toBeVisible();
  await expectAccessible(page);
  await inbox.dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(inbox.row('Noor Haddad')).toHaveCount(0);

  await inbox.open('Visitor');
  const person = await page.locator('.pl-details dt', { hasText: /^Id$/ }).locator('xpath=following-sibling::dd').textContent();
  await openLifecycle(page);
  await page.getByRole('textbox', { name: 'Id of the person' }).fill(person ?? '');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download everything' }).click();
  expect((await download).suggestedFilename()).toMatch(/^person-.*\.jsonl$/);
  await page.getByRole('button', { name: 'Erase everything…' }).click();
  await expect(inbox.dialog.getByText(/^1 conversation with \d+ messages/)).toBeVisible();
  await inbox.dialog.getByRole('button', { name: 'Erase for good' }).click();
  await expect(page.getByText(/^Everything about .* is erased\.$/)).toBeVisible();
  const record = page.getByRole('region', { name: 'What was deleted' });
  await expect(record.getByText('Person erased')).toBeVisible();
  await expect(record.getByText('Deleted by hand')).toBeVisible();
  await expect(visitor.thread.getByText('Forget me')).toHaveCount(0);
});

test.describe('in Arabic', () => {
  test.use({ locale: 'ar' });
  test('the page of rules is right to left and can be used by everybody', async ({ server, page }) => {
    await page.goto(await server.link());
    await expect(page.getByRole('heading', { name: 'الوارد' })).toBeVisible();
    await page.goto(`${server.url}/?settings=lifecycle`);
    await expect(page.getByRole('heading', { name: 'دورة الحياة' })).toBeVisible();
    await expectAccessible(page);
  });
});
