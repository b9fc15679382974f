import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { budgets } from '../src/budgets.ts';
import { bundle, codeOf, kib } from '../src/bundle.ts';

const web = fileURLToPath(new URL('../../', import.meta.url));
const host = ['react', 'react-dom', '@parlor/client'];

function expectWithin(name: keyof typeof budgets, measured: number): void {
  process.stdout.write(`${name}: ${measured.toFixed(1)} of ${budgets[name]} KiB gzip\n`);
  expect(measured).toBeGreaterThan(0.1);
  expect(measured).toBeLessThanOrEqual(budgets[name]);
}

test('the client', async () => {
  expectWithin('client', kib(codeOf(await bundle(`export * from '@parlor/client';`))));
});

describe('react', () => {
  let chunks: Awaited<ReturnType<typeof bundle>> = [];
  beforeAll(async () => {
    chunks = await bundle(`export * from '@parlor/react';`, host);
  });

  test('what is fetched at once', () => {
    expectWithin('react with virtualiser', kib(codeOf(chunks.filter((each) => !each.isDynamicEntry))));
  });
  test('what is fetched later', () => {
    expectWithin('the rest of react, when it is first needed', kib(codeOf(chunks.filter((each) => each.isDynamicEntry))));
  });
  test('styles', async () => {
    expectWithin('styles', kib(await readFile(`${web}react/dist/styles.css`)));
  });
});

describe('one hook brings neither page nor virtualiser', () => {
  test.each(['@parlor/react', '@parlor/react/hooks'])('out of %s', async (specifier) => {
    const code = codeOf(await bundle(`export { useConversation } from '${specifier}';`, host));
    expect(code).not.toMatch(/pl-page|pl-bubble|pl-card/);
    expect(code).not.toContain('scrollToIndex');
    expectWithin('one hook of react', kib(code));
  });

  test('provider and useLiveChat, with a look of your own', async () => {
    const code = codeOf(await bundle(`export { LiveChatProvider, useLiveChat } from '@parlor/react/hooks';`, host));
    expect(code).not.toMatch(/pl-page|pl-bubble|pl-card/);
    expectWithin('provider and useLiveChat', kib(code));
  });

  test('and an import that is not used nothing at all', async () => {
    const code = codeOf(await bundle(`import { LiveChatPage } from '@parlor/react'; import { createLiveChat } from '@parlor/client'; export const a = 1;`, ['react', 'react-dom']));
    expect(code.length).toBeLessThan(200);
  });
});

// What a page names itself is fetched before it shows anything.
test.each([['console, first load', 'index.html'], ['demo page, first load', 'demo.html']] as const)('%s', async (name, page) => {
  const dist = `${web}console/dist/`;
  const html = await readFile(dist + page, 'utf8');
  const files = [page, ...Array.from(html.matchAll(/(?:src|href)="\/([^"]+)"/g), ([, file = '']) => file)];
  const sizes = await Promise.all(files.map(async (file) => (await readFile(`${dist}${file}.gz`)).length));
  expectWithin(name, sizes.reduce((sum, bytes) => sum + bytes, 0) / 1024);
});
