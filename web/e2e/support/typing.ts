import { expect, type Locator } from '@playwright/test';

/** Types on until all of these show: what is said of somebody typing goes by itself after a while. */
export async function typeUntilSeen(field: Locator, text: string, ...seen: readonly Locator[]): Promise<void> {
  await field.pressSequentially(text);
  await expect(async () => {
    await field.press('.');
    for (const each of seen) await expect(each).toBeVisible({ timeout: 1_000 });
  }).toPass();
}
