import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@parlor/source', 'module', 'browser', 'development'] },
  ssr: { resolve: { conditions: ['@parlor/source', 'node', 'import', 'module', 'default'] } },
  test: { include: ['test/**/*.test.{ts,tsx}'], environment: 'jsdom', setupFiles: ['test/setup.ts'] },
});
