import { expect, test } from '../support/test.ts';

test('a closed conversation leaves the open ones, and the visitor brings it back by writing', async ({ inbox, visitor }) => {
  await visitor.askForAPerson('The bulb is loose');
  await inbox.open('Visitor');
  await inbox.send('Turn it to the right');
  await expect(visitor.message('Turn it to the right')).toBeVisible();

  await inbox.act('Close');
  await expect(inbox.row('Visitor')).toHaveCount(0);
  await expect(inbox.count).toHaveText('11 conversations');
  await expect(visitor.thread.getByText('Closed by an agent')).toBeVisible();
  await expect(visitor.chat.getByText('Ended. Write again to go on.')).toBeVisible();
  await inbox.show('Closed');
  await expect(inbox.row('Visitor')).toContainText('Closed');
  await inbox.show('Open');
  await expect(inbox.row('Visitor')).toHaveCount(0);

  await visitor.send('It came loose again');
  await expect(inbox.row('Visitor')).toContainText('It came loose again');
  await expect(inbox.thread.getByText('Conversation reopened')).toBeVisible();
  await expect(inbox.actions.getByRole('button', { name: 'Close' })).toBeVisible();
  const whole = [/^Hello!/, 'Talk to a person', /^One moment/, 'The bulb is loose', 'Turn it to the right', 'It came loose again'];
  await expect(inbox.texts).toHaveText(whole);
  await expect(visitor.texts).toHaveText(whole);
});

test('an agent reopens by the button, and out of the archive', async ({ inbox }) => {
  await inbox.open('Noor Haddad');
  await expect(inbox.texts.last()).toContainText('My Moon arrived today');
  const whole = await inbox.texts.allTextContents();

  await inbox.act('Close');
  await expect(inbox.row('Noor Haddad')).toHaveCount(0);
  await expect(inbox.texts).toHaveText(whole);
  await inbox.act('Reopen');
  await expect(inbox.row('Noor Haddad')).toBeVisible();
  await expect(inbox.texts).toHaveText(whole);

  await inbox.act('Archive');
  await expect(inbox.row('Noor Haddad')).toHaveCount(0);
  await inbox.show('Archived');
  await inbox.open('Noor Haddad');
  await expect(inbox.texts).toHaveText(whole);
  await inbox.send('One more thing');
  await expect(inbox.row('Noor Haddad')).toHaveCount(0);
  await inbox.show('Open');
  await expect(inbox.row('Noor Haddad')).toContainText('One more thing');
  await expect(inbox.texts).toHaveText([...whole, 'One more thing']);
});

test('a visitor ends the chat, and the agents see who did', async ({ inbox, visitor }) => {
  await visitor.askForAPerson('Never mind');
  await inbox.open('Visitor');
  await visitor.chat.getByRole('button', { name: 'End chat' }).click();
  await expect(inbox.thread.getByText('Closed by the visitor')).toBeVisible();
  await expect(inbox.row('Visitor')).toHaveCount(0);
});
