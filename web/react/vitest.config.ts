import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@parlor/source', 'module', 'browser', 'development'] },
  ssr: { resolve: { conditions: ['@parlor/source', 'node', 'import', 'module', 'default'] } },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    environment: 'jsdom',
    setupFiles: ['test/setup.ts'],
    // Nothing is measured by it: it ends what hangs, and a busy machine is slow.
    testTimeout: 120_000,
  },
});
