import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    // Nothing is measured by it: it ends what hangs, and a busy machine is slow.
    testTimeout: 120_000,
  },
});
