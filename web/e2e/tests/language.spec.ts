import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { Inbox, keysWork } from '../support/inbox.ts';
import { expect, test } from '../support/test.ts';

test('Arabic is chosen in the settings, mirrors the page and is kept, without a flash', async ({ inbox }) => {
  test.slow();
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  expect(await startOf(page, inbox.list)).toBeLessThan(1);
  await chooseArabic(page);
  await expect(page.getByRole('heading', { name: 'الوارد' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar');

  // The list is at the right, the person in the funnel writes at the left, and back points to the right.
  const list = page.getByRole('navigation', { name: 'المحادثات' });
  expect(await endOf(page, list)).toBeLessThan(1);
  const mine = page.locator('[data-author="user"] .pl-bubble').first();
  const bot = page.locator('[data-author="bot"] .pl-bubble').first();
  expect(await startOf(page, mine)).toBeLessThan(await startOf(page, bot));
  await expectAccessible(page);

  // What is written in English is cut off at its end there too.
  await expect.poll(() => cutOffAtTheBeginning(list)).toEqual([]);

  await watchDirections(page);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'الوارد' })).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual(['rtl']);

  // The keys are those of the place on the keyboard.
  await keysWork(page);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'الإعدادات' }).click();
  await expectAccessible(page);
  await page.getByRole('radio', { name: 'English' }).check();
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
});

test.describe('a browser in Arabic', () => {
  test.use({ locale: 'ar-EG' });

  test('finds the door in Arabic, and the console behind it', async ({ server, page }) => {
    await page.goto(server.url);
    await expect(page.getByRole('heading', { name: 'تسجيل الدخول إلى Parlor' })).toBeVisible();
    await expectAccessible(page);
    await page.goto(await server.link());
    await expect(page.getByRole('heading', { name: 'الوارد' })).toBeVisible();
  });

  test('finds the shop in Arabic, from right to left from its first paint on', async ({ server, page }) => {
    await watchDirections(page);
    await page.goto(`${server.url}/demo`);
    const chat = page.getByRole('complementary', { name: 'محادثة' });
    await expect(chat.getByRole('textbox', { name: 'رسالتك' })).toBeVisible();
    expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual(['rtl']);
    // The chat is at the end of the line that one reads.
    expect(await startOf(page, chat)).toBeLessThan(await startOf(page, page.getByRole('main')));
    await expectAccessible(page);
  });
});

test('without the file of a language the page is English and works', async ({ inbox, context }) => {
  await context.route('**/assets/ar-*.js', (route) => route.abort());
  await chooseArabic(inbox.page);
  await expect(inbox.page.locator('html')).toHaveAttribute('dir', 'ltr');
  await expect(inbox.page.getByRole('radio', { name: 'English' })).toBeChecked();
  await inbox.page.keyboard.press('Escape');
  await new Inbox(inbox.page).open('Noor Haddad');
});

async function chooseArabic(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByText('العربية').click();
}

/** The texts of rows whose first letter lies outside of its line. */
async function cutOffAtTheBeginning(list: Locator): Promise<(string | null)[]> {
  return list.locator('.pl-card-text').evaluateAll((lines) =>
    lines
      .filter((line) => {
        const text = document.createTreeWalker(line, NodeFilter.SHOW_TEXT).nextNode();
        if (text === null) return true;
        const first = document.createRange();
        first.setStart(text, 0);
        first.setEnd(text, 1);
        const [letter, box] = [first.getBoundingClientRect(), line.getBoundingClientRect()];
        return letter.left < box.left - 1 || letter.right > box.right + 1;
      })
      .map((line) => line.textContent),
  );
}

/** Every direction in which something was painted. */
async function watchDirections(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    const look = () => {
      const { dir } = document.documentElement;
      if (document.body?.innerText && seen.at(-1) !== dir) seen.push(dir);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

const widthOf = (page: Page) => page.viewportSize()?.width ?? 0;
async function startOf(_: Page, part: Locator): Promise<number> {
  return (await part.boundingBox())?.x ?? Number.NaN;
}
async function endOf(page: Page, part: Locator): Promise<number> {
  const box = await part.boundingBox();
  return box === null ? Number.NaN : widthOf(page) - (box.x + box.width);
}
