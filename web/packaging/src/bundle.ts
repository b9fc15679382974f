import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

const here = fileURLToPath(new URL('..', import.meta.url));
const entry = '\0entry.js';

export const kib = (code: string | Uint8Array): number => gzipSync(code, { level: 9 }).length / 1024;

/** What an application that says `code` fetches, as its bundler makes it of the published files. */
export async function bundle(code: string, external: readonly string[] = []): Promise<readonly Rolldown.OutputChunk[]> {
  const isExternal = (id: string) => external.some((each) => id === each || id.startsWith(`${each}/`));
  const built = await build({
    root: here,
    configFile: false,
    logLevel: 'silent',
    plugins: [{
      name: 'entry',
      resolveId: (id) => (id === entry ? entry : undefined),
      load: (id) => (id === entry ? code : undefined),
    }],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      // As an application is built: a library build keeps its white space.
      rolldownOptions: { input: entry, external: isExternal, preserveEntrySignatures: 'strict', output: { minify: true } },
    },
  });
  const [first] = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[];
  return first?.output.filter((each) => each.type === 'chunk') ?? [];
}

export const codeOf = (chunks: readonly Rolldown.OutputChunk[]): string => chunks.map((each) => each.code).join('\n');
