import type { Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { Inbox } from '../support/inbox.ts';
import { gate } from '../support/gate.ts';
import { expect, test } from '../support/test.ts';
import { typeUntilSeen } from '../support/typing.ts';

test('light, dark and the system’s theme: chosen at once, kept, and never painted in the other one', async ({ inbox }) => {
  const { page } = inbox;
  const shown = () => page.locator('.pl-root').first().evaluate((root) => getComputedStyle(root).colorScheme);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.locator('html')).not.toHaveAttribute('data-theme');
  expect(await luminance(page)).toBeLessThan(0.2);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: 'Light' }).check();
  await expect.poll(shown).toBe('light');
  expect(await luminance(page)).toBeGreaterThan(0.8);

  await watchThemes(page);
  await page.reload();
  await expect(inbox.rows.first()).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { themes: string[] }).themes)).toEqual(['light']);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: 'System' }).check();
  await expect.poll(() => luminance(page)).toBeLessThan(0.2);
});

test('list and thread are side by side from 1,024 px, and two steps below', async ({ inbox }) => {
  const { page } = inbox;
  await page.setViewportSize({ width: 1024, height: 800 });
  await inbox.open('Noor Haddad');
  await expect(inbox.list).toBeVisible();
  await expect(inbox.composer).toBeVisible();
  await page.setViewportSize({ width: 1023, height: 800 });
  await expect(inbox.list).toBeHidden();
  await expect(inbox.composer).toBeVisible();
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await expect(inbox.list).toBeVisible();
  await expect(inbox.thread).toHaveCount(0);
  await expect(inbox.row('Noor Haddad')).toBeFocused();
});

test('the page is as high as the window, and only its panes scroll', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  for (const size of [{ width: 1280, height: 500 }, { width: 390, height: 600 }]) {
    await page.setViewportSize(size);
    await expect(inbox.composer).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(size.height);
  }
  expect(await page.locator('.pl-page').evaluate(saysDvh)).toBe(true);
});

test.describe('under a finger', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test('targets are 44 px, fields write in 16 px, and opening brings no keyboard', async ({ inbox }) => {
    const { page } = inbox;
    expect(await tooSmall(page, 44)).toEqual([]);
    expect(await smallFields(page)).toEqual([]);
    await inbox.row('Noor Haddad').tap();
    await expect(inbox.message('My Moon arrived today')).toBeVisible();
    await expect(inbox.composer).not.toBeFocused();
    expect(await tooSmall(page, 44)).toEqual([]);
    expect(await smallFields(page)).toEqual([]);
  });
});

test('targets are 32 px under a pointer', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await expect(inbox.message('My Moon arrived today')).toBeVisible();
  await expect(page.getByRole('complementary', { name: 'About Noor Haddad' })).toBeVisible();
  expect(await tooSmall(page, 32)).toEqual([]);
  await page.getByRole('button', { name: 'Filters' }).click();
  await expect(page.getByRole('textbox', { name: 'Name of this view' })).toBeVisible();
  await page.getByRole('combobox', { name: 'Funnel' }).selectOption({ index: 1 });
  await expect(page.getByRole('button', { name: 'Clear filters' })).toBeVisible();
  expect(await tooSmall(page, 32)).toEqual([]);
  await page.getByRole('button', { name: 'Select conversations' }).click();
  await expect(page.getByRole('button', { name: 'Select all loaded' })).toBeVisible();
  expect(await tooSmall(page, 32)).toEqual([]);
  await page.getByRole('button', { name: 'More actions' }).click();
  await expect(page.getByRole('menuitem').first()).toBeVisible();
  expect(await tooSmall(page, 32)).toEqual([]);
  await page.keyboard.press('Escape');
  for (const name of ['Settings', 'Account Ada', 'All actions']) {
    await page.getByRole('button', { name }).click();
    await expect(inbox.dialog).toBeVisible();
    expect(await tooSmall(page, 32)).toEqual([]);
    await page.keyboard.press('Escape');
  }
});

test('forced colours keep what is chosen, unread and in focus to be seen', async ({ inbox }) => {
  const { page } = inbox;
  await page.emulateMedia({ forcedColors: 'active' });
  await inbox.open('Noor Haddad');
  const outline = (row: string) => inbox.row(row).evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(await outline('Noor Haddad')).toBe('solid');
  expect(await outline('Kwame Mensah')).toBe('none');
  const dot = await inbox.row('Tomás Silva').locator('.pl-card-name').evaluate((name) => getComputedStyle(name, '::before').backgroundColor);
  expect(dot).not.toBe('rgba(0, 0, 0, 0)');
  await inbox.composer.focus();
  await page.keyboard.press('Shift+Tab');
  expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)).not.toBe('none');
  await expectAccessible(page);
});

test('outlines of fields, dots and the ring of the focus stand out by 3:1, in light and dark', async ({ inbox, visitor }) => {
  test.slow();
  const { page } = inbox;
  await visitor.askForAPerson('Is anybody there?');
  await inbox.open('Visitor');
  await inbox.send('I am here');
  await expect(visitor.message('I am here')).toBeVisible();
  await expect(inbox.message('I am here')).toHaveAttribute('data-state', 'read');
  await expect(inbox.row('Visitor').locator('[data-kind="user"]')).toHaveAttribute('data-online');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const check = async (state: string, parts: readonly Part[]) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate(faint, parts), `${state}, ${colorScheme}`).toEqual([]);
    }
  };
  const icons: Part = { of: 'button .pl-icon, .pl-select > .pl-icon, .pl-search > .pl-icon, .pl-chip > .pl-icon, .pl-message-foot .pl-icon', property: 'color' };
  const fields: Part = { of: '.pl-search > input, .pl-composer-box, .pl-input, input.pl-field, .pl-field select', property: 'borderTopColor', isAround: true };
  const chosen: Part = { of: '.pl-segments > label:has(:checked)', property: 'boxShadow' };
  await check('list and thread', [
    icons, fields, chosen,
    { of: '.pl-badge', property: 'backgroundColor', isAround: true },
    { of: '.pl-card[data-unread] .pl-card-name', pseudo: '::before', property: 'backgroundColor' },
    { of: '.pl-avatar[data-online]', pseudo: '::after', property: 'backgroundColor', isAround: true },
    { of: '.pl-card[data-selected]', property: 'borderInlineStartColor', isAround: true },
  ]);
  await page.getByRole('button', { name: 'Filters' }).click();
  await expect(page.getByRole('textbox', { name: 'Name of this view' })).toBeVisible();
  await check('filters', [icons, fields]);
  for (const [button, part] of [['Filters', '.pl-button'], ['Search conversations', '.pl-search > input']] as const) {
    await page.locator(part === '.pl-button' ? `button[aria-label="${button}"]` : `input[aria-label="${button}"]`).focus();
    await page.keyboard.press('Shift');
    await check(`focus on ${button}`, [{ of: `${part}:focus-visible`, property: 'outlineColor', isAround: true }]);
  }
  await inbox.row('Visitor').focus();
  await page.keyboard.press('Shift');
  await check('focus on the open row', [{ of: '.pl-card:focus-visible', property: 'outlineColor' }]);
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(inbox.dialog).toBeVisible();
  await check('settings', [
    icons, chosen,
    { of: '.switch input', property: 'borderTopColor', isAround: true },
    { of: '.switch input', pseudo: '::before', property: 'backgroundColor' },
  ]);
});

test('nothing moves for whoever asked for less motion', async ({ inbox, visitor }) => {
  const { page } = inbox;
  await visitor.askForAPerson('Is anybody there?');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await inbox.open('Visitor');
  await typeUntilSeen(visitor.composer, 'Hm', page.getByText('Visitor is typing…'));
  const moving = () => page.evaluate(() =>
    document.getAnimations().filter(({ playState, effect }) => playState === 'running' && Number(effect?.getComputedTiming().duration ?? 0) > 10).length);
  await expect.poll(moving).toBe(0);
});

test('every stop of the Tab key can be seen, whole and marked', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await expect(inbox.message('My Moon arrived today')).toBeVisible();
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const hidden: string[] = [];
  const seen = new Set<string>();
  for (let stop = 0; stop < 40; stop += 1) {
    await page.keyboard.press('Tab');
    const { name, problem } = await page.evaluate(focusSeen);
    if (seen.has(name) && name.startsWith('BODY')) break;
    seen.add(name);
    if (problem !== '') hidden.push(`${name}: ${problem}`);
  }
  expect(seen.size).toBeGreaterThan(15);
  expect(hidden).toEqual([]);
});

test('the page has its landmarks, each with a name of its own', async ({ inbox }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await expect(page.getByRole('main')).toHaveCount(1);
  await expect(page.getByRole('banner')).toHaveCount(1);
  await expect(page.getByRole('navigation', { name: 'Conversations' })).toHaveCount(1);
  await expect(page.getByRole('search')).toHaveCount(1);
  await expect(page.getByRole('complementary', { name: 'About Noor Haddad' })).toHaveCount(1);
  await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toHaveCount(1);
  await expect(page.getByRole('heading', { level: 2, name: 'Noor Haddad' })).toHaveCount(1);
});

test('signing out wipes drafts, unsent messages and everything read, in every tab', async ({ inbox, context, server }) => {
  const { page } = inbox;
  await inbox.open('Noor Haddad');
  await inbox.composer.fill('A secret draft');
  const stored = gate();
  await context.route(/\/api\/live-chat\/messages/, async (route) => {
    await stored.opened;
    await route.abort();
  });
  await page.routeWebSocket(/\/api\/live-chat\/ws/, (socket) => socket.close());
  await page.reload();
  await expect(inbox.composer).toHaveValue('A secret draft');
  await inbox.open('Tomás Silva');
  await inbox.send('A secret message');
  await expect(inbox.message('A secret message')).toContainText(/Sending…|Waiting to send/);
  const other = new Inbox(await context.newPage());
  await other.page.goto(server.url);
  await expect(other.row('Noor Haddad')).toContainText('Draft: A secret draft');
  expect(await kept(page)).toContain('secret');

  page.on('dialog', (dialog) => void dialog.accept());
  await inbox.signOut();
  await expect(page.getByRole('heading', { name: 'Sign in to Parlor' })).toBeVisible();
  await expect(other.page.getByRole('heading', { name: 'Sign in to Parlor' })).toBeVisible();
  await expect.poll(() => kept(page)).not.toContain('secret');
  stored.open();

  await inbox.signIn(await server.newLink({ sub: 'ada', name: 'Ada' }));
  await expect(inbox.row('Noor Haddad')).not.toContainText('Draft');
  await inbox.open('Tomás Silva');
  await expect(inbox.message('It has been at the depot')).toBeVisible();
  await expect(inbox.message('A secret message')).toHaveCount(0);
});

/** How bright the page's ground is, from 0 to 1, off a pixel of what is painted. */
async function luminance(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    if (canvas === null) return Number.NaN;
    canvas.fillStyle = getComputedStyle(document.querySelector('.pl-root') ?? document.body).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / (3 * 255);
  });
}

interface Part {
  of: string;
  pseudo?: '::before' | '::after';
  property: 'color' | 'backgroundColor' | 'borderTopColor' | 'borderInlineStartColor' | 'outlineColor' | 'boxShadow';
  /** What it has to stand out from is around the element; otherwise the element's own ground. */
  isAround?: boolean;
}

/** Where a colour stands out from what is painted behind it by less than 3:1, by WCAG's formula. Nothing to look at is a fault too. */
function faint(parts: readonly Part[]): string[] {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (canvas === null) return ['no canvas'];
  /** How bright it is when these are painted one upon the other. */
  const lightOf = (colors: readonly string[]) => {
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundsOf = (element: Element | null): string[] =>
    element === null ? ['Canvas'] : [...groundsOf(element.parentElement), getComputedStyle(element).backgroundColor];
  return parts.flatMap(({ of, pseudo, property, isAround }) => {
    const shown = [...document.querySelectorAll<HTMLElement>(of)].filter((element) =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && element.closest(':disabled, [aria-disabled="true"]') === null);
    if (shown.length === 0) return [`${of}: none`];
    return shown.flatMap((element) => {
      const value = getComputedStyle(element, pseudo)[property];
      const color = property === 'boxShadow' ? (/^[^)]*\)/.exec(value)?.[0] ?? 'transparent') : value;
      const grounds = groundsOf(isAround ? element.parentElement : element);
      const [ground, part] = [lightOf(grounds), lightOf([...grounds, color])];
      const ratio = (Math.max(ground, part) + 0.05) / (Math.min(ground, part) + 0.05);
      return ratio >= 3 ? [] : [`${of}${pseudo ?? ''} ${property}, ${element.className} ${element.getAttribute('aria-label') ?? ''}: ${ratio.toFixed(2)}`];
    });
  });
}

/** Every theme in which something was painted. */
async function watchThemes(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const themes: string[] = [];
    Object.assign(window, { themes });
    const look = () => {
      const root = document.querySelector('.pl-root') ?? document.body;
      const theme = root === null ? undefined : (document.documentElement.dataset['theme'] ?? 'system');
      if (theme !== undefined && themes.at(-1) !== theme) themes.push(theme);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

/** Whether a rule asks for the height that toolbars of phones leave. */
function saysDvh(page: Element): boolean {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map(({ cssText }) => cssText));
  return page.isConnected && rules.some((rule) => rule.includes('100dvh'));
}

/** Everything that is pressed or written in and is smaller. A link among the words of a line is as high as they are, as WCAG has it. */
function tooSmall(page: Page, px: number): Promise<string[]> {
  return page.evaluate((least) => {
    const all = 'button, input, select, textarea, summary, a[href], [role^="menuitem"], [role="option"]';
    return [...document.querySelectorAll<HTMLElement>(all)].flatMap((target) => {
      // A box or a choice is pressed on its label.
      const pressed = target.closest('label') ?? target;
      const { width, height } = pressed.getBoundingClientRect();
      if (width <= 1 || height <= 1 || !target.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return [];
      if (target.tagName === 'A' && getComputedStyle(target).display === 'inline') return [];
      const isLargeEnough = Math.round(width) >= least && Math.round(height) >= least;
      return isLargeEnough ? [] : [`${target.getAttribute('aria-label') ?? target.textContent} ${Math.round(width)}×${Math.round(height)}`];
    });
  }, px);
}

function smallFields(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('input:not([type="radio"], [type="checkbox"]), textarea, select')]
      .filter((field) => field.checkVisibility() && Number.parseFloat(getComputedStyle(field).fontSize) < 16)
      .map((field) => `${field.getAttribute('aria-label')} ${getComputedStyle(field).fontSize}`),
  );
}

/** What has the focus, and why it cannot be seen. */
function focusSeen(): { name: string; problem: string } {
  const element = document.activeElement as HTMLElement;
  const name = `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent?.slice(0, 30)}`;
  if (element === document.body) return { name, problem: '' };
  const marked = element.closest('label, .pl-composer-box, .pl-search, .pl-select') ?? element;
  const { left, top, right, bottom } = marked.getBoundingClientRect();
  if (right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) return { name, problem: 'out of the window' };
  const shown = document.elementFromPoint((Math.max(0, left) + Math.min(innerWidth, right)) / 2, (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2);
  if (shown === null || !(marked.contains(shown) || shown.contains(marked))) return { name, problem: `under ${shown?.className}` };
  const ring = [element, marked].some((part) => {
    const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(part);
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none' || borderColor === getComputedStyle(part).getPropertyValue('--pl-ring');
  });
  return { name, problem: ring ? '' : 'no ring' };
}

/** Everything the browser keeps for this page, as text. */
function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const all: unknown[] = [{ ...localStorage }, { ...sessionStorage }];
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const store of db.objectStoreNames) {
        all.push(await new Promise((resolve, reject) => {
          const request = db.transaction(store).objectStore(store).getAll();
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        }));
      }
      db.close();
    }
    return JSON.stringify(all);
  });
}
