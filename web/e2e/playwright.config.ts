import { defineConfig } from '@playwright/test';

/** `scripts/test browser` finds one, or installs Debian's. */
const chromium = process.env['PARLOR_CHROMIUM'] ?? '/usr/bin/chromium';

export default defineConfig({
  outputDir: 'test-results',
  forbidOnly: true,
  fullyParallel: true,
  // Every test runs a server and a browser of its own; two are what a small machine carries without measuring itself.
  workers: 2,
  // Nothing is measured by these: they end what hangs, and a busy machine is slow.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    // Chromium refuses its sandbox to root.
    launchOptions: { executablePath: chromium, chromiumSandbox: process.getuid?.() !== 0 },
  },
  projects: [
    { name: 'people', testDir: 'tests' },
    { name: 'inp', testDir: 'commands', testMatch: 'inp.ts' },
    { name: 'lighthouse', testDir: 'commands', testMatch: 'lighthouse.ts' },
    { name: 'thread', testDir: 'commands', testMatch: 'thread.ts' },
    { name: 'scroll', testDir: 'commands', testMatch: 'scroll.ts' },
    { name: 'screenshots', testDir: 'commands', testMatch: 'screenshots.ts' },
  ],
});
