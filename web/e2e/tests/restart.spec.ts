import { expect, test } from '../support/test.ts';

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`a server that goes away in the middle (${signal}) loses nothing and repeats nothing`, async ({ inbox, visitor, server }) => {
    await visitor.askForAPerson('Are you still there?');
    await inbox.open('Visitor');
    await inbox.send('Of course');
    await expect(visitor.message('Of course')).toBeVisible();
    await expect(inbox.message('Of course')).toHaveAttribute('data-state', 'read');
    const loaded = await Promise.all([inbox, visitor].map(({ page }) => page.evaluate(() => performance.timeOrigin)));

    const exitCode = await server.stop(signal);
    expect(exitCode).toBe(signal === 'SIGTERM' ? 0 : null);
    await visitor.send('One from the visitor');
    await visitor.send('Two from the visitor');
    await inbox.send('One from Ada');
    await inbox.send('Two from Ada');
    for (const page of [inbox, visitor]) {
      await expect(page.message('One from')).toContainText(/Waiting to send|Sending…/);
      await expect(page.message('Two from')).toContainText('Waiting to send');
      const banner = page.page.getByRole('status').filter({ hasText: 'You are offline. Parlor reconnects by itself.' });
      await expect(banner).toContainText('2 messages will be sent when you are back.');
    }

    await server.start();
    for (const page of [inbox, visitor]) {
      await expect(page.texts).toHaveCount(9, { timeout: 40_000 });
      await expect(page.thread).not.toContainText(/Waiting to send|Sending…/);
      await expect(page.page.getByText('You are offline')).toBeHidden();
    }
    const said = await visitor.texts.allTextContents();
    await expect(inbox.texts).toHaveText(said);
    expect(said.slice(0, 5)).toEqual([expect.stringMatching(/^Hello!/), 'Talk to a person', expect.stringMatching(/^One moment/), 'Are you still there?', 'Of course']);
    expect(said.filter((text) => text.endsWith('visitor'))).toEqual(['One from the visitor', 'Two from the visitor']);
    expect(said.filter((text) => text.endsWith('Ada'))).toEqual(['One from Ada', 'Two from Ada']);

    // Live again, and the pages are the ones that were open before.
    await visitor.send('Glad you are back');
    await expect(inbox.message('Glad you are back')).toBeVisible();
    expect(await Promise.all([inbox, visitor].map(({ page }) => page.evaluate(() => performance.timeOrigin)))).toEqual(loaded);
  });
}

test('a conversation opened while the server is down appears as soon as it is up', async ({ inbox, server }) => {
  await server.stop('SIGKILL');
  await inbox.row('Noor Haddad').click();
  await expect(inbox.page.getByText('Could not load. The server cannot be reached.')).toBeVisible();
  await expect(inbox.page.getByText('You are offline. Parlor reconnects by itself.')).toBeVisible();
  await server.start();
  await expect(inbox.message('My Moon arrived today')).toBeVisible({ timeout: 40_000 });
});

test('a page with unsent messages asks before it goes', async ({ inbox, server }) => {
  await inbox.open('Noor Haddad');
  await server.stop('SIGKILL');
  await inbox.send('We send you a new glass');
  await expect(inbox.message('We send you a new glass')).toContainText('Waiting to send');
  const asked = inbox.page.waitForEvent('dialog');
  await inbox.page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await server.start();
  await expect(inbox.message('We send you a new glass')).toHaveAttribute('data-state', 'sent', { timeout: 40_000 });
});

test('where no socket gets through, the inbox is as current without one', async ({ inbox, visitor, server }) => {
  const { page } = inbox;
  await page.routeWebSocket(/\/api\/live-chat\/ws/, (socket) => socket.close());
  await page.goto(server.url);
  await inbox.open('Noor Haddad');
  await inbox.send('We send you a new glass');
  await expect(inbox.message('We send you a new glass')).toHaveAttribute('data-state', 'sent');

  await visitor.askForAPerson('Can you see me?');
  await expect(inbox.row('Visitor')).toContainText('Can you see me?');
  await expect(page.getByText('Live updates are interrupted.')).toHaveCount(0);
});

test('where requests may not wait either, the inbox asks now and then, and says so', async ({ inbox, visitor, server }) => {
  const { page } = inbox;
  await page.routeWebSocket(/\/api\/live-chat\/ws/, (socket) => socket.close());
  const problem = { status: 404, title: 'Not found', code: 'not-found' };
  await page.route(/\/api\/live-chat\/changes/, (route) => route.fulfill({ status: 404, json: problem }));
  await page.clock.install();
  await page.goto(server.url);
  await expect(page.getByText('Live updates are interrupted.')).toBeVisible();
  await inbox.open('Noor Haddad');
  await inbox.send('We send you a new glass');
  await expect(inbox.message('We send you a new glass')).toHaveAttribute('data-state', 'sent');

  // It asks again when the test lets it.
  await page.clock.pauseAt(Date.now() + 10_000);
  await visitor.askForAPerson('Can you see me?');
  await expect(inbox.row('Visitor')).toHaveCount(0);
  await page.clock.resume();
  await page.clock.fastForward(30_000);
  await expect(inbox.row('Visitor')).toContainText('Can you see me?');
});
