import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { chromium } from '@playwright/test';
import lighthouse, { desktopConfig, type Config, type Flags } from 'lighthouse';
import { report, say, sayLoad } from '../support/benchmarks.ts';
import { Inbox } from '../support/inbox.ts';
import { expect, test } from '../support/test.ts';

// npm run lighthouse: Google's audit of the production console, as the binary serves it. Fails below the gate for accessibility
// and best practices; performance is told, since it measures the machine too.

const gate = 95;
const categories = ['accessibility', 'best-practices', 'performance'] as const;

/** Brings a page where it is to be audited. */
const screens: Record<string, (inbox: Inbox, link: string) => Promise<void>> = {
  door: async ({ page }, link) => void (await page.goto(new URL('/', link).href)),
  inbox: (inbox, link) => inbox.signIn(link),
  thread: async (inbox) => {
    await inbox.rows.first().click();
    await expect(inbox.thread).toBeVisible();
  },
};

test('Lighthouse', async ({ server, launchOptions }, info) => {
  test.setTimeout(10 * 60_000);
  const port = await freePort();
  // A profile's own context: Lighthouse opens its tab beside, and is signed in too.
  const context = await chromium.launchPersistentContext(info.outputPath('profile'), {
    ...launchOptions,
    args: [`--remote-debugging-port=${port}`],
  });
  sayLoad();
  const page = await context.newPage();
  const inbox = new Inbox(page);
  const link = await server.link();
  for (const [screen, reach] of Object.entries(screens)) {
    await reach(inbox, link);
    const url = page.url();
    await page.goto('about:blank');
    for (const device of ['desktop', 'phone'] as const) await audit(url, screen, device, port);
    await page.goto(url);
  }
  await context.close();
});

async function audit(url: string, screen: string, device: 'desktop' | 'phone', port: number): Promise<void> {
  // Without TLS, as every console on loopback.
  const flags: Flags = { port, logLevel: 'error', onlyCategories: [...categories], disableStorageReset: true, skipAudits: ['is-on-https', 'redirects-http'] };
  const done = await lighthouse(url, flags, device === 'desktop' ? (desktopConfig as Config) : undefined);
  if (done === undefined) throw new Error('Lighthouse answered nothing.');
  const { audits, categories: found, runtimeError } = done.lhr;
  if (runtimeError !== undefined) throw new Error(runtimeError.message);
  const scoreOf = (name: (typeof categories)[number]) => Math.round((found[name]?.score ?? 0) * 100);
  const shown = (name: string) => audits[name]?.displayValue ?? '?';
  report({
    figure: `Lighthouse, ${screen}, ${device}: accessibility, best practices, performance`,
    seen: `${categories.map(scoreOf).join(', ')} (LCP ${shown('largest-contentful-paint')}, CLS ${shown('cumulative-layout-shift')})`,
    goal: '95, 95, 95',
    command: 'npm run lighthouse',
  });
  for (const name of categories) {
    for (const { id, weight } of found[name]?.auditRefs ?? []) {
      const { score = null, title = id, displayValue = '', details } = audits[id] ?? {};
      if (weight === 0 || score === null || score >= 0.9) continue;
      say(`  ${name}: ${title} ${displayValue}`);
      const items = details !== undefined && 'items' in details && Array.isArray(details.items) ? details.items : [];
      for (const item of items.slice(0, 5)) say(`    ${JSON.stringify(item).slice(0, 300)}`);
    }
  }
  expect.soft(scoreOf('accessibility'), `${screen}, ${device}`).toBeGreaterThanOrEqual(gate);
  expect.soft(scoreOf('best-practices'), `${screen}, ${device}`).toBeGreaterThanOrEqual(gate);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
