import { expect, type Locator, type Page } from '@playwright/test';

/** The commands come behind the page: what they say aloud has its place there once they are. */
export async function keysWork(page: Page): Promise<void> {
  await expect(page.locator('.pl-page > .pl-hidden[role="status"]')).toBeAttached();
}

/** The light on a message that was asked for goes out by itself: from now on it stays until a test has looked. */
export async function keepLit(page: Page): Promise<void> {
  const keep = () => window.addEventListener('animationend', (event) => event.stopPropagation(), { capture: true });
  await page.addInitScript(keep);
  await page.evaluate(keep);
}

/** The agents' page as somebody sees and uses it. */
export class Inbox {
  readonly list: Locator;
  readonly rows: Locator;
  readonly thread: Locator;
  readonly composer: Locator;
  readonly actions: Locator;

  constructor(readonly page: Page) {
    this.list = page.getByRole('navigation', { name: 'Conversations' });
    this.rows = this.list.getByRole('list').getByRole('button');
    this.thread = page.getByRole('log');
    this.composer = page.getByRole('textbox', { name: /^Message to / });
    this.actions = page.getByRole('group', { name: 'Conversation actions' });
  }

  /** Signs in by a link and waits for the list and its keys. */
  async signIn(link: string): Promise<void> {
    await this.page.goto(link);
    await expect(this.page.getByRole('heading', { name: 'Inbox' })).toBeVisible();
    await expect(this.rows.first()).toBeVisible();
    await keysWork(this.page);
  }

  /** What every row says, but for how long ago it was: that moves on its own. */
  async rowsSaid(): Promise<string[]> {
    return this.rows.evaluateAll((rows) =>
      rows.map((row) => {
        const copy = row.cloneNode(true) as Element;
        for (const time of copy.querySelectorAll('time')) time.remove();
        return copy.textContent;
      }),
    );
  }

  row(text: string): Locator {
    return this.rows.filter({ hasText: text });
  }

  /** One message of the open conversation. */
  message(text: string): Locator {
    return this.thread.locator('[data-author]').filter({ hasText: text });
  }

  /** Exactly what is written in the bubbles, in order. */
  get texts(): Locator {
    return this.thread.locator('.pl-bubble-text');
  }

  async open(text: string): Promise<void> {
    await this.row(text).click();
    await expect(this.thread).toBeVisible();
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  async act(name: 'Take' | 'Take over' | 'Give back' | 'Close' | 'Reopen' | 'Archive' | 'Unarchive'): Promise<void> {
    await this.actions.getByRole('button', { name, exact: true }).click();
  }

  async show(view: 'Open' | 'Unread' | 'Waiting' | 'Mine' | 'Closed' | 'All' | 'Archived'): Promise<void> {
    const near = this.list.getByRole('radio', { name: view, exact: true });
    if ((await near.count()) > 0) await near.check();
    else await this.list.getByRole('combobox', { name: 'More' }).selectOption(view);
  }

  /** Whatever lies over the page. */
  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  async signOut(): Promise<void> {
    await this.page.getByRole('button', { name: /^Account / }).click();
    await this.page.getByRole('button', { name: 'Sign out' }).click();
  }

  get search(): Locator {
    return this.page.getByRole('searchbox', { name: 'Search conversations' });
  }

  get sort(): Locator {
    return this.page.getByRole('combobox', { name: 'Sort' });
  }

  get count(): Locator {
    return this.list.getByRole('status').first();
  }
}
