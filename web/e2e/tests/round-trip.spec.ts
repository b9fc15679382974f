import { expect, test } from '../support/test.ts';
import { typeUntilSeen } from '../support/typing.ts';
import { Visitor } from '../support/visitor.ts';

test('a newcomer who only looks is nobody to the agents; the one who clicks is there at once', async ({ inbox, visitor, server, browser }) => {
  const other = await browser.newContext();
  const looking = new Visitor(await other.newPage());
  await looking.arrive(server.url);
  await expect(inbox.count).toHaveText('11 conversations');

  await visitor.option('Help me choose a lamp').click();
  await expect(visitor.message('Where will the lamp stand?')).toBeVisible();
  // The one who looks came before: they would be in the list by now.
  await expect(inbox.row('Visitor')).toHaveCount(1);
  await expect(inbox.count).toHaveText('12 conversations');
  await other.close();
});

test('the bot answers clicks, and words it does not know by its fallback', async ({ visitor }) => {
  await visitor.option('I have ordered something').click();
  await expect(visitor.message('What is it about?')).toBeVisible();
  await visitor.send('Do you sell umbrellas as well?');
  await expect(visitor.message('I am only a small bot and did not understand that')).toBeVisible();
  // Still with the bot: its options are offered again, and by their text they are understood.
  await expect(visitor.option('Where is my parcel?')).toBeVisible();
  await visitor.send('where is my parcel');
  await expect(visitor.message('Parcels take two to three working days')).toBeVisible();
  await expect(visitor.texts).toHaveText([
    /^Hello!/, 'I have ordered something', /What is it about/, 'Do you sell umbrellas as well?', /^Sorry/, 'where is my parcel', /^Parcels take/,
  ]);
});

test('visitor and agent talk, both ways, without a reload', async ({ inbox, visitor }) => {
  await visitor.askForAPerson('My lamp hums in B flat');
  const row = inbox.row('Visitor');
  await expect(row).toContainText('My lamp hums in B flat');
  await expect(row).toContainText('Waiting');
  await expect(row).toContainText('2 unread messages');
  await expect(inbox.page).toHaveTitle(/^\(6\) demo/);

  await inbox.open('Visitor');
  await expect(inbox.thread.getByText('New', { exact: true })).toBeVisible();
  await expect(row).not.toContainText('unread');
  await expect(visitor.message('My lamp hums')).toHaveAttribute('data-state', 'read');

  await inbox.send('How lovely. Does it also hum when dimmed?');
  await expect(visitor.message('Does it also hum when dimmed?')).toContainText('Ada');
  await visitor.send('Only in E minor');
  await expect(inbox.message('Only in E minor')).toBeVisible();
  await expect(inbox.message('Does it also hum')).toHaveAttribute('data-state', 'read');

  const sides = ['start', 'end', 'start', 'end', 'start', 'end'];
  for (const page of [inbox, visitor]) {
    await expect(page.thread.locator('[data-side]')).toHaveCount(sides.length);
    expect(await page.thread.locator('[data-side]').evaluateAll((all) => all.map((one) => one.getAttribute('data-side')))).toEqual(sides);
    const left = await page.message('Does it also hum').locator('.pl-bubble').boundingBox();
    const right = await page.message('Only in E minor').locator('.pl-bubble').boundingBox();
    expect(left?.x).toBeLessThan(right?.x ?? 0);
  }
});

test('one person plays both in two tabs of one browser', async ({ inbox, context, server }) => {
  const visitor = new Visitor(await context.newPage());
  await visitor.arrive(server.url);
  await visitor.askForAPerson('Who am I?');
  await inbox.open('Visitor');
  await inbox.send('The visitor, over there');
  await expect(visitor.message('The visitor, over there')).toHaveAttribute('data-author', 'agent');
  await expect(inbox.message('Who am I?')).toHaveAttribute('data-author', 'user');
  await visitor.page.reload();
  await expect(visitor.message('Who am I?')).toBeVisible();
  await expect(visitor.chat.getByRole('button', { name: 'Take' })).toHaveCount(0);
});

test('each sees the other type, until the message is there', async ({ inbox, visitor }) => {
  await visitor.askForAPerson('Is anybody there?');
  await inbox.open('Visitor');
  await typeUntilSeen(inbox.composer, 'Of course', visitor.chat.getByText('Ada is typing…'));
  await inbox.composer.press('Enter');
  await expect(visitor.message('Of course')).toBeVisible();
  await expect(visitor.chat.getByText('is typing…')).toBeHidden();

  await typeUntilSeen(visitor.composer, 'Good', inbox.page.getByText('Visitor is typing…'));
  await visitor.composer.press('Enter');
  await expect(inbox.message('Good')).toBeVisible();
  await expect(inbox.page.getByText('Visitor is typing…')).toBeHidden();
});

test('an unread conversation is told by a count that goes when it is read', async ({ inbox, visitor }) => {
  await visitor.askForAPerson('First');
  await inbox.open('Visitor');
  await expect(inbox.row('Visitor')).not.toContainText('unread');
  await inbox.open('Kwame Mensah');
  await visitor.send('Second');
  await visitor.send('Third');
  await expect(inbox.row('Visitor')).toContainText('2 unread messages');
  await expect(inbox.row('Visitor')).toHaveAttribute('data-unread', 'true');
  await inbox.open('Visitor');
  await expect(inbox.message('Third')).toBeVisible();
  await expect(inbox.row('Visitor')).not.toContainText('unread');
});

test('who answers is visible: taken, taken over by somebody else, given back', async ({ inbox, visitor, server }) => {
  await visitor.askForAPerson('Anyone?');
  await inbox.open('Visitor');
  await inbox.act('Take');
  await expect(inbox.row('Visitor')).toContainText('Ada');
  await expect(visitor.thread.getByText('Ada joined')).toBeVisible();

  const { conversations } = await server.api<{ conversations: { id: string }[] }>(ben, 'GET', '/conversations?search=Anyone&messages=0');
  await server.api(ben, 'POST', `/conversations/${conversations[0]?.id}/take`, { from: 'ada' });
  await expect(inbox.row('Visitor')).toContainText('Ben');
  await expect(inbox.page.getByText('Ben is answering this conversation. Take it over to answer yourself.')).toBeVisible();

  await inbox.act('Take over');
  await inbox.page.getByRole('alertdialog').getByRole('button', { name: 'Take over' }).click();
  await expect(inbox.row('Visitor')).toContainText('Ada');
  await inbox.act('Give back');
  await expect(visitor.thread.getByText('Ada left')).toBeVisible();
  await expect(inbox.row('Visitor')).not.toContainText('Ada');
});

const ben = { role: 'agent', sub: 'ben', name: 'Ben' } as const;
