// npm run newcomer: what a stranger does who has nothing but the README of @parlor/react, with the packages as they would be
// published: a new Vite application, a Parlor with its demo, LiveChatPage in a browser. Every command and file is the README's.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { chromium, expect } from '@playwright/test';

const web = resolve(import.meta.dirname, '../..');
const parlor = resolve(process.env.PARLOR_BIN ?? join(web, '../target/debug/parlor'));
const place = mkdtempSync(join(tmpdir(), 'parlor-newcomer-'));
const running = [];
const say = (line) => process.stdout.write(`${line}\n`);

const started = Date.now();
let lap = started;
function tell(what) {
  const now = Date.now();
  say(`${((now - lap) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  lap = now;
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Starts something that stays, and waits for a line of it. */
async function start(command, args, cwd, isReady) {
  // A group of its own, so that what npm starts ends with it.
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NO_COLOR: '1' }, detached: true });
  running.push(child);
  const lines = createInterface(child.stdout);
  for await (const line of lines) if (isReady(line)) break;
  child.stdout.resume();
}

const readme = readFileSync(join(web, 'react/README.md'), 'utf8');
const section = /^## Start\n([^]*?)^## /m.exec(readme)?.[1] ?? '';
const blocks = [...section.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, code]) => ({ language, code }));
const [create, admit] = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);
const main = blocks.find(({ language }) => language === 'tsx')?.code;
if (create === undefined || admit === undefined || main === undefined) throw new Error('The README has no "Start" to follow.');

const ports = { server: await freePort(), page: await freePort() };
const data = join(place, 'parlor-data');
/** The README's text with this run's ports, binary and tarballs. */
const here = (text) => text
  .replaceAll('127.0.0.1:7070', `127.0.0.1:${ports.server}`)
  .replaceAll('localhost:5173', `localhost:${ports.page}`)
  .replaceAll('target/quick/parlor', parlor)
  .replace('npm install @parlor/react @parlor/client', `npm install --no-audit --no-fund ${tarballs.join(' ')}`);
const shell = (text, cwd) =>
  execFileSync('sh', ['-ec', here(text)], { cwd, encoding: 'utf8', env: { ...process.env, PARLOR_DATA: data, npm_config_yes: 'true' }, stdio: ['ignore', 'pipe', 'inherit'] });

const tarballs = [];
try {
  for (const name of ['client', 'react']) {
    const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', place], { cwd: join(web, name), encoding: 'utf8' }));
    tarballs.push(join(place, packed.filename));
  }
  await start(parlor, ['serve', '--demo', '--listen', `127.0.0.1:${ports.server}`, '--data', data, '--log', 'warn'], place, (line) => line.startsWith('Console'));
  tell('packed both packages, started Parlor (the newcomer has these)');

  const begun = Date.now();
  shell(create, place);
  tell('a new Vite application with the packages');
  const app = join(place, 'my-inbox');
  const token = shell(admit, place).trim().split('\n').at(-1);
  writeFileSync(join(app, '.env.local'), `VITE_PARLOR_TOKEN=${token}\n`);
  writeFileSync(join(app, 'src/main.tsx'), here(main));
  tell('origin, token, src/main.tsx');

  execFileSync('npm', ['run', 'build'], { cwd: app, stdio: ['ignore', 'ignore', 'inherit'] });
  tell('its own type check and build');
  await start('npm', ['run', 'dev', '--', '--port', String(ports.page), '--strictPort'], app, (line) => line.includes('Local:'));
  await look(`http://localhost:${ports.page}`);
  tell('LiveChatPage in Chromium: list, thread, a message sent and stored');
  say(`from nothing to a working page: ${((Date.now() - begun) / 60_000).toFixed(1)} min (goal: 5)`);
} finally {
  for (const { pid, exitCode } of running) if (exitCode === null) process.kill(-pid);
  rmSync(place, { recursive: true, force: true });
}

async function look(url) {
  const browser = await chromium.launch({ executablePath: process.env.PARLOR_CHROMIUM ?? '/usr/bin/chromium', chromiumSandbox: process.getuid?.() !== 0 });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const broken = [];
    page.on('pageerror', (error) => broken.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && broken.push(message.text()));
    await page.goto(url);
    await page.locator('.pl-card').first().click({ timeout: 60_000 });
    const field = page.getByRole('textbox', { name: /^Message to / });
    await field.fill('Hello from a fresh application');
    await field.press('Enter');
    await expect(page.locator('[data-author][data-state="sent"]').filter({ hasText: 'Hello from a fresh application' })).toBeVisible();
    const images = process.env.PARLOR_IMAGES ?? join(web, 'e2e/test-results');
    mkdirSync(images, { recursive: true });
    await page.screenshot({ path: join(images, 'newcomer.png') });
    if (broken.length > 0) throw new Error(`The page complained: ${broken.join('; ')}`);
  } finally {
    await browser.close();
  }
}
