import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { transform } from 'lightningcss';
import ts from 'typescript';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packages } from '../src/packages.ts';
import { blocksOf, type Block } from '../src/readme.ts';

const vitest = createRequire(import.meta.url).resolve('vitest/package.json').replace('package.json', 'vitest.mjs');

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  jsx: ts.JsxEmit.ReactJSX,
  types: ['node', 'vite/client'],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

/** Checks blocks as files of one application, in a folder that is not there. */
function complaints(blocks: readonly Block[]): string[] {
  const folder = `${import.meta.dirname}/readme/`;
  const files = new Map(blocks.map((block) => {
    const path = block.path ?? `at-line-${block.line}.${block.language}`;
    // On the first line, so that a complaint's line is the reader's.
    return [folder + path, { block, text: `${block.given.replaceAll('\n', ' ')} ${block.code}` }];
  }));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile, directoryExists } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name)?.text ?? readFile(name);
  host.directoryExists = (name) => `${name}/`.startsWith(folder) || (directoryExists?.(name) ?? true);
  host.getSourceFile = (name, ...rest) => {
    const file = files.get(name);
    return file ? ts.createSourceFile(name, file.text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const within = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    const at = (file && files.get(file.fileName)?.block.line) ?? 0;
    return `line ${at + within + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

describe.each(packages)('the README of $name', ({ directory }) => {
  const blocks = blocksOf(`${directory}README.md`);

  test('has code that compiles against what is published', () => {
    const code = blocks.filter(({ language }) => ['ts', 'tsx'].includes(language));
    expect(code.length).toBeGreaterThan(2);
    expect(complaints(code)).toEqual([]);
  });

  test('shows tests that pass', () => {
    const shown = blocks.filter(({ path = '' }) => path.includes('.test.'));
    if (shown.length === 0) return;
    const folder = mkdtempSync(`${import.meta.dirname}/.readme-`);
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // A newcomer has no settings yet.
    writeFileSync(`${folder}/vitest.config.js`, 'export default {};\n');
    for (const { code, path = '' } of shown) writeFileSync(`${folder}/${basename(path)}`, code);
    const run = () => execFileSync(process.execPath, [vitest, 'run', '--root', folder], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
    expect(run()).toMatch(/Tests +\d+ passed/);
  });

  test('has styles that parse', () => {
    for (const { code, line } of blocks.filter(({ language }) => language === 'css')) {
      const parse = () => transform({ filename: `line ${line}`, code: new TextEncoder().encode(code), errorRecovery: false });
      expect(parse, `line ${line}`).not.toThrow();
    }
  });

  test('has no block in a language that nothing here checks', () => {
    expect(blocks.map(({ language }) => language).filter((each) => !['ts', 'tsx', 'css', 'sh'].includes(each))).toEqual([]);
  });
});

test('a block that does not compile is found', () => {
  const block: Block = { language: 'tsx', code: "import { LiveChatPage } from '@parlor/react';\n<LiveChatPage onBack={3} />;\n", line: 7, given: '', path: undefined };
  expect(complaints([block]).join()).toMatch(/^line 9: Type 'number' is not assignable/);
});
