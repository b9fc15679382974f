import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Rolldown } from 'vite';
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

/** The entry and whatever it imports for itself. */
function fetchedAtOnce(chunks: readonly Rolldown.OutputChunk[]): ReadonlySet<Rolldown.OutputChunk> {
  const first = new Set<Rolldown.OutputChunk>();
  const add = (name: string) => {
    const chunk = chunks.find((each) => each.fileName === name);
    if (chunk === undefined || first.has(chunk)) return;
    first.add(chunk);
    chunk.imports.forEach(add);
  };
  for (const each of chunks) if (each.isEntry) add(each.fileName);
  return first;
}

test('the client', async () => {
  expectWithin('client', kib(codeOf(await bundle(`export * from '@parlor/client';`))));
});

describe('react', () => {
  let all: readonly Rolldown.OutputChunk[] = [];
  const isRecogniser = ({ moduleIds }: Rolldown.OutputChunk) => moduleIds.some((id) => id.includes('/linkify-it/'));
  const late = () => all.filter((each) => !fetchedAtOnce(all).has(each) && !isRecogniser(each));
  beforeAll(async () => {
    const chunks = await bundle(`export * from '@parlor/react';`, host);
    // What Vite adds for late parts is the host's bundler's, not ours.
    all = chunks.filter(({ fileName }) => !fileName.includes('preload-helper'));
  });

  test('what is fetched at once', () => {
    expectWithin('react with virtualiser', kib(codeOf([...fetchedAtOnce(all)])));
  });
  test('what is fetched with the first link', () => {
    expectWithin('link recogniser (with the first link)', kib(codeOf(all.filter(isRecogniser))));
  });
  test('what is fetched after the page, or when it is first opened', () => {
    for (const each of late()) process.stdout.write(`  ${each.name}: ${kib(each.code).toFixed(1)}\n`);
    const sum = late().reduce((size, each) => size + kib(each.code), 0);
    process.stdout.write(`late parts of react: ${sum.toFixed(1)} of ${budgets['late parts of react']} KiB gzip\n`);
    expect(sum).toBeLessThanOrEqual(budgets['late parts of react']);
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
