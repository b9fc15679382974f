import { expect, type Locator, type Page } from '@playwright/test';

/** The demo shop as its visitor sees and uses it. */
export class Visitor {
  readonly chat: Locator;
  readonly thread: Locator;
  readonly composer: Locator;

  constructor(readonly page: Page) {
    this.chat = page.getByRole('complementary', { name: 'Chat' });
    this.thread = this.chat.getByRole('log');
    this.composer = this.chat.getByRole('textbox');
  }

  /** Opens the shop and waits for the bot's greeting. */
  async arrive(url: string): Promise<void> {
    await this.page.goto(`${url}/demo`);
    await expect(this.chat.getByText('Hello! This is the lamp shop')).toBeVisible();
  }

  option(name: string): Locator {
    return this.chat.getByRole('button', { name, exact: true });
  }

  message(text: string): Locator {
    return this.thread.locator('[data-author]').filter({ hasText: text });
  }

  get texts(): Locator {
    return this.thread.locator('.pl-bubble-text');
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Begins a conversation by asking for a person and saying what it is about. */
  async askForAPerson(about: string): Promise<void> {
    await this.option('Talk to a person').click();
    await expect(this.message('One moment, I am fetching somebody')).toBeVisible();
    await this.send(about);
    await expect(this.message(about)).toHaveAttribute('data-state', 'sent');
  }
}
