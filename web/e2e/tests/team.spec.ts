import { gate } from '../support/gate.ts';
import { Inbox, keepLit } from '../support/inbox.ts';
import { ben, conversationOf } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test('an assignment shows at whom it goes to at once, and can be taken back', async ({ inbox, colleague }) => {
  await colleague.show('Mine');
  await expect(colleague.rows).toHaveText([/Samir Khan/]);
  await inbox.open('Noor Haddad');
  await inbox.actions.getByRole('button', { name: 'Assign' }).click();
  await inbox.page.getByRole('menuitemradio', { name: 'Ben' }).click();
  await expect(inbox.row('Noor Haddad')).toContainText('Ben');
  await expect(colleague.row('Noor Haddad')).toContainText('Ben');
  await expect(inbox.page.getByText('Assigned to Ben')).toBeVisible();

  await inbox.page.getByRole('button', { name: 'Undo' }).click();
  await expect(inbox.row('Noor Haddad')).toContainText('Waiting');
  await expect(colleague.rows).toHaveText([/Samir Khan/]);
});

test('of two who decide at one instant one wins, and the other is told who', async ({ inbox, colleague }) => {
  const { page } = inbox;
  const decided = gate();
  await page.route(/\/api\/live-chat\/conversations\?/, async (route) => {
    if (route.request().method() === 'PATCH') await decided.opened;
    await route.continue();
  });
  await inbox.open('Noor Haddad');
  await inbox.actions.getByRole('button', { name: 'Assign' }).click();
  await page.getByRole('menuitemradio', { name: 'Ada (you)' }).click();
  await expect(inbox.row('Noor Haddad')).toContainText('Ada');
  await colleague.open('Noor Haddad');
  await colleague.act('Take');
  await expect(colleague.row('Noor Haddad')).toContainText('Ben');
  await expect(colleague.thread.getByText('Ben joined')).toBeVisible();
  decided.open();
  await expect(page.getByRole('alert').filter({ hasText: 'Somebody else changed this conversation meanwhile.' })).toBeVisible();
  await expect(inbox.row('Noor Haddad')).toContainText('Ben');
  await expect(page.getByText('Assigned to')).toHaveCount(0);
});

test('take and give back show at the other one at once, with the holder', async ({ inbox, colleague }) => {
  await inbox.open('Noor Haddad');
  await colleague.open('Noor Haddad');
  const theirs = colleague.page;
  await inbox.act('Take');
  await expect(colleague.row('Noor Haddad')).toContainText('Ada');
  await expect(theirs.getByText('Ada is answering this conversation. Take it over to answer yourself.')).toBeVisible();
  await expect(colleague.actions.getByRole('button', { name: 'Take over' })).toBeVisible();

  await inbox.act('Give back');
  await expect(colleague.row('Noor Haddad')).toContainText('Bot');
  await expect(theirs.getByText('Ada is answering')).toHaveCount(0);
  await colleague.act('Take');
  await expect(inbox.row('Noor Haddad')).toContainText('Ben');
  await expect(inbox.thread.getByText('Ben joined')).toBeVisible();
});

test('a label shows at the other one at once, and can be taken off there', async ({ inbox, colleague }) => {
  await inbox.open('Noor Haddad');
  await colleague.open('Noor Haddad');
  const field = inbox.page.getByRole('combobox', { name: 'Add a label' });
  await field.fill('cracked shade');
  await field.press('Enter');
  await expect(inbox.row('Noor Haddad')).toContainText('cracked shade');
  await expect(colleague.row('Noor Haddad')).toContainText('cracked shade');
  await colleague.page.getByRole('button', { name: 'Remove cracked shade' }).click();
  await expect(colleague.row('Noor Haddad')).not.toContainText('cracked shade');
  await expect(inbox.row('Noor Haddad')).not.toContainText('cracked shade');
});

test('of two who label at one instant both keep their labels, for one conversation and for many', async ({ inbox, colleague, server }) => {
  const labelsOf = async (name: string) => (await conversationOf<{ labels: string[] }>(server, name)).labels;
  const sent = gate();
  await inbox.page.route(/\/api\/live-chat\/conversations\?/, async (route) => {
    if (route.request().method() === 'PATCH') await sent.opened;
    await route.continue();
  });
  const label = async ({ page }: Inbox, name: string) => {
    const field = page.getByRole('combobox', { name: 'Add a label' });
    await field.fill(name);
    await field.press('Enter');
  };
  await inbox.open('Noor Haddad');
  await colleague.open('Noor Haddad');
  await label(inbox, 'of Ada');
  await inbox.page.getByRole('button', { name: 'Select conversations' }).click();
  await inbox.page.getByRole('checkbox', { name: /Olivia Martin/ }).click();
  await inbox.page.getByRole('button', { name: 'Label', exact: true }).click();
  await inbox.page.getByRole('combobox', { name: 'Label', exact: true }).fill('of Ada');
  await inbox.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(inbox.row('Olivia Martin')).toContainText('of Ada');

  await label(colleague, 'of Ben');
  await expect.poll(() => labelsOf('Noor Haddad')).toEqual(['of Ben']);
  await colleague.open('Olivia Martin');
  await label(colleague, 'of Ben');
  await expect.poll(() => labelsOf('Olivia Martin')).toEqual(['of Ben']);
  sent.open();
  for (const name of ['Noor Haddad', 'Olivia Martin']) {
    await expect.poll(() => labelsOf(name)).toEqual(['of Ada', 'of Ben']);
    for (const each of [inbox, colleague]) await expect(each.row(name)).toContainText(/of Ada.*of Ben/);
  }
});

test('what one marks unread is unread for the other one too', async ({ inbox, colleague }) => {
  await inbox.open('Noor Haddad');
  await expect(colleague.row('Noor Haddad')).not.toHaveAttribute('data-unread');
  await inbox.actions.getByRole('button', { name: 'More actions' }).click();
  await inbox.page.getByRole('menuitem', { name: 'Mark as unread' }).click();
  await expect(inbox.row('Noor Haddad')).toContainText('1 unread message');
  await expect(colleague.row('Noor Haddad')).toContainText('1 unread message');
  await inbox.page.getByRole('button', { name: 'Undo' }).click();
  await expect(colleague.row('Noor Haddad')).not.toHaveAttribute('data-unread');
});

test('a saved answer is found by a slash, filled in, and sent as what one would have typed', async ({ inbox, server }) => {
  const text = 'Hello {{user.firstName}}, {{agent.name}} here. Thank you for writing to the {{conversation.funnelName}}.';
  await server.api(ben, 'PUT', '/canned-answers/hello', { shortcut: 'hello', text });
  await server.api(ben, 'PUT', '/canned-answers/refund', { shortcut: 'refund', text: 'The money is on its way.' });
  await inbox.open('Noor Haddad');
  await inbox.composer.pressSequentially('/');
  const answers = inbox.page.getByRole('listbox', { name: 'Saved answers' });
  await expect(answers.getByRole('option')).toHaveText([/^\/hello/, /^\/refund/]);

  // A colleague's new one is there without a reload.
  await server.api(ben, 'PUT', '/canned-answers/help', { shortcut: 'help', text: 'How can I help?' });
  await inbox.composer.pressSequentially('hel');
  await expect(answers.getByRole('option')).toHaveText([/^\/hello/, /^\/help/]);
  await inbox.composer.press('Enter');
  await expect(inbox.composer).toHaveValue('Hello Noor, Ada here. Thank you for writing to the Lamp shop.');
  await expect(inbox.composer).toBeFocused();
  await expect(answers).toHaveCount(0);
  await inbox.composer.press('Enter');
  await expect(inbox.message('Hello Noor, Ada here.')).toHaveAttribute('data-state', 'sent');
});

test('a link to a message opens there, for a colleague too', async ({ inbox, server, browser, contextOptions }) => {
  const { page } = inbox;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await inbox.open('Tomás Silva');
  const message = inbox.message('Where is my parcel?');
  await message.hover();
  await message.getByRole('button', { name: 'Message actions' }).click();
  await page.getByRole('menuitem', { name: 'Copy link' }).click();
  await expect(page.getByText('Link copied')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const { id } = await conversationOf(server, 'Tomás Silva');
  expect(link).toBe(`${server.url}/?conversation=${id}&message=4`);

  const context = await browser.newContext(contextOptions);
  const other = new Inbox(await context.newPage());
  await other.signIn(await server.newLink(ben));
  await keepLit(other.page);
  await other.page.goto(link);
  await expect(other.row('Tomás Silva')).toHaveAttribute('aria-current', 'true');
  await expect(other.thread.locator('.pl-row[data-lit]')).toContainText('Where is my parcel?');
  await expect(other.message('Where is my parcel?')).toBeInViewport();
  await context.close();
});

test('text is copied as it was written, and a transcript is downloaded, without the team’s notes', async ({ inbox }) => {
  const { page } = inbox;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await inbox.open('Yuki Tanaka');
  await expect(page.getByRole('note').first()).toBeVisible();
  const message = inbox.message('Tanaka Design');
  await message.hover();
  await message.getByRole('button', { name: 'Message actions' }).click();
  await page.getByRole('menuitem', { name: 'Copy text' }).click();
  await expect(page.getByText('Text copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Tanaka Design, Kreuzbergstraße 12, Berlin');

  for (const [item, ending] of [['Download as text', '.txt'], ['Download as JSON', '.json']] as const) {
    await inbox.actions.getByRole('button', { name: 'More actions' }).click();
    const begun = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: item }).click();
    const download = await begun;
    expect(download.suggestedFilename()).toMatch(new RegExp(`^conversation-[0-9a-f-]{36}\\${ending}$`));
    const content = await readAll(await download.createReadStream());
    expect(content).toContain('Tanaka Design, Kreuzbergstraße 12, Berlin');
    expect(content).toContain('Done, the new invoice is in your inbox.');
    expect(content).not.toContain('I have told accounting');
  }
});

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}
