import { Inbox } from '../support/inbox.ts';
import { gate } from '../support/gate.ts';
import { expect, test } from '../support/test.ts';

test('a draft is its conversation’s, in every view, after a reload, and marked on the row', async ({ inbox }) => {
  await inbox.open('Noor Haddad');
  await inbox.composer.fill('We send you a new');
  await inbox.open('Tomás Silva');
  await expect(inbox.composer).toHaveValue('');
  for (const view of ['Waiting', 'All', 'Open'] as const) {
    await inbox.show(view);
    await expect(inbox.row('Noor Haddad')).toContainText('Draft: We send you a new');
  }
  await inbox.search.fill('noor');
  await inbox.open('Noor Haddad');
  await expect(inbox.composer).toHaveValue('We send you a new');
  await inbox.page.reload();
  await expect(inbox.composer).toHaveValue('We send you a new');
});

test('what was typed the moment before the page goes is there when it comes back', async ({ inbox }) => {
  await inbox.open('Noor Haddad');
  for (const text of ['In a hurry', 'In a hurry, and again']) {
    await inbox.composer.fill(text);
    await inbox.page.reload();
    await expect(inbox.composer).toHaveValue(text);
  }
});

test('a draft is the same in every tab, and is cleared once the message is stored', async ({ inbox, context, server }) => {
  await inbox.open('Noor Haddad');
  await inbox.composer.fill('We send you a new shade');
  const other = new Inbox(await context.newPage());
  await other.page.goto(server.url);
  await expect(other.row('Noor Haddad')).toContainText('Draft: We send you a new shade');
  await other.open('Noor Haddad');
  await expect(other.composer).toHaveValue('We send you a new shade');

  const stored = gate();
  await inbox.page.routeWebSocket(/\/api\/live-chat\/ws/, (socket) => socket.close());
  await inbox.page.route(/\/api\/live-chat\/messages/, async (route) => {
    await stored.opened;
    await route.continue();
  });
  await inbox.page.reload();
  await expect(inbox.composer).toHaveValue('We send you a new shade');
  await inbox.composer.press('Enter');
  await expect(inbox.message('We send you a new shade')).toContainText('Sending…');
  await expect(inbox.composer).toHaveValue('');
  await expect(inbox.row('Noor Haddad')).toContainText('Sending: We send you a new shade');
  stored.open();
  await expect(inbox.row('Noor Haddad')).not.toContainText(/Draft|Sending/);
  await expect(other.composer).toHaveValue('');
  await expect(other.row('Noor Haddad')).not.toContainText('Draft');
  await inbox.page.reload();
  await expect(inbox.message('We send you a new shade')).toBeVisible();
  await expect(inbox.composer).toHaveValue('');
});
