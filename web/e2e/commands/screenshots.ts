import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '../support/test.ts';

// The pictures of the README, from the demo: npm run screenshots.

const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const large = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

test.use({ viewport: large, deviceScaleFactor: 1, colorScheme: 'light' });

test('console and shop', async ({ inbox, visitor, server }) => {
  await mkdir(images, { recursive: true });
  const save = async (page: typeof inbox.page, name: string) => {
    await page.screenshot({ path: `${images}${name}.png`, animations: 'disabled', caret: 'hide' });
  };

  await visitor.page.setViewportSize(large);
  await visitor.askForAPerson('Does the Heron also come with a clamp, instead of the foot?');
  await inbox.open('Visitor');
  await inbox.act('Take');
  await inbox.send('It does: the clamp holds tops up to 6 cm thick, and costs nothing extra.');
  await visitor.send('Lovely. Mine is 4 cm, so that will do.');
  await expect(inbox.message('Mine is 4 cm')).toBeVisible();

  await inbox.composer.fill('Then I put it on your order.');
  await expect(visitor.chat.getByText('Ada is typing…')).toBeVisible();
  await save(visitor.page, 'demo');

  await inbox.composer.fill('');
  await visitor.composer.fill('And how long');
  await expect(inbox.page.getByText('Visitor is typing…')).toBeVisible();
  await inbox.page.mouse.move(800, 400);
  await save(inbox.page, 'console-light');
  await inbox.page.emulateMedia({ colorScheme: 'dark' });
  await save(inbox.page, 'console-dark');

  await inbox.page.emulateMedia({ colorScheme: 'light' });
  await inbox.page.setViewportSize(phone);
  await inbox.page.goto(server.url);
  await expect(inbox.rows.first()).toBeVisible();
  await save(inbox.page, 'console-narrow');
});
