import { readFileSync } from 'node:fs';

export interface Block {
  language: string;
  code: string;
  /** Line of the README it begins at. */
  line: number;
  /** What the reader has in their own program: written in a comment before the block, `<!-- given: declare const id: string -->`. */
  given: string;
  /** Where its first line says the reader puts it: `// src/App.tsx`. */
  path: string | undefined;
}

/** The code blocks of a README. */
export function blocksOf(readme: string): readonly Block[] {
  const text = readFileSync(readme, 'utf8');
  return [...text.matchAll(/(?:<!-- given: ([^]*?) -->\n\n?)?^```(\w+)\n([^]*?)^```$/gm)].map(({ 1: given = '', 2: language = '', 3: code = '', index }) => ({
    language,
    code,
    given,
    line: text.slice(0, index).split('\n').length,
    path: /^\/[/*] ([\w./-]+\.\w+)(?: \*\/)?\n/.exec(code)?.[1],
  }));
}
