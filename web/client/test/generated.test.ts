import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';
import { expect, test } from 'vitest';
import config from '../openapi-ts.config.js';

test('the wire types are those of openapi.json; if not: npm run generate', async () => {
  const path = mkdtempSync(join(tmpdir(), 'parlor-types-'));
  const input = fileURLToPath(new URL('../../../openapi.json', import.meta.url));
  await createClient({ ...(await config), input, output: { path, entryFile: false }, logs: { level: 'silent' } });
  const fresh = readFileSync(join(path, 'types.gen.ts'), 'utf8');
  rmSync(path, { recursive: true });
  const kept = readFileSync(new URL('../src/protocol/generated/types.gen.ts', import.meta.url), 'utf8');
  expect(kept).toBe(fresh);
});
