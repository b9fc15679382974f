import { ben, conversationOf, host } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test('beside the thread stand the person’s facts, as they are now', async ({ inbox, visitor, server }) => {
  await visitor.option('Help me choose a lamp').click();
  await visitor.option('On a desk').click();
  await expect(visitor.message('For a desk we like the Heron')).toBeVisible();
  // Late in the evening here, it is the next morning in Tokyo.
  await inbox.page.clock.setFixedTime(new Date('2026-11-24T23:05:00Z'));
  await inbox.page.reload();
  await inbox.open('Visitor');
  const panel = inbox.page.getByRole('complementary', { name: 'About Visitor' });
  const path = panel.getByRole('region', { name: 'Path through the funnel' });
  await expect(path).toContainText('Where will the lamp stand?On a desk');
  await expect(panel.getByRole('region', { name: 'Collected answers' })).toContainText('Nothing collected yet.');
  await expect(panel.getByRole('region', { name: 'Earlier conversations' })).toContainText('This is the first one.');

  // The host tells more while one looks.
  const { id, userId } = await conversationOf(server, 'Visitor');
  const metadata = { page: 'https://shop.test/lamps/heron', plan: 'Business' };
  await server.api({ ...host, role: 'service' }, 'PUT', `/users/${userId}`, {
    name: 'Mia Lang', email: 'mia@shop.test', timezone: 'Asia/Tokyo', locale: 'de', metadata,
  });
  await server.api(ben, 'PATCH', '/conversations', { conversationId: id, metadata: { orderNumber: 4711 } });
  const known = inbox.page.getByRole('complementary', { name: 'About Mia Lang' });
  const person = known.getByRole('region', { name: 'Person' });
  await expect(person.getByRole('link', { name: 'mia@shop.test' })).toHaveAttribute('href', 'mailto:mia@shop.test');
  await expect(person.getByRole('link', { name: 'https://shop.test/lamps/heron' })).toBeVisible();
  await expect(person.getByText('Asia/Tokyo')).toBeVisible();
  await expect(person.getByRole('time')).toHaveText('Wed 08:05');
  await expect(person).toContainText('German');
  await expect(known.getByRole('region', { name: 'Collected answers' })).toContainText('planBusiness');
  await expect(known.getByRole('region', { name: 'Collected answers' })).toContainText('orderNumber4711');
  await expect(inbox.row('Mia Lang')).toBeVisible();

  await visitor.option('Sounds good').click();
  await expect(known.getByRole('region', { name: 'Path through the funnel' })).toContainText('Sounds good');
});

test('earlier conversations of the same person are one click away', async ({ inbox, visitor, server }) => {
  await visitor.askForAPerson('My lamp hums');
  const { id } = await conversationOf(server, 'Visitor');
  await server.api(ben, 'PATCH', '/conversations', { conversationId: id, isArchived: true });
  await expect(visitor.chat.getByText(/Ended|closed/i).first()).toBeVisible();
  await visitor.send('It hums again');
  await inbox.open('Visitor');
  const earlier = inbox.page.getByRole('region', { name: 'Earlier conversations' });
  await earlier.getByRole('button', { name: /My lamp hums/ }).click();
  await expect(inbox.message('My lamp hums')).toBeVisible();
  await expect(inbox.page).toHaveURL(new RegExp(id));
});
