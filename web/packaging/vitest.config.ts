import { defineConfig } from 'vitest/config';

// What is tested here is what is published: the built files, found as a stranger's bundler finds them.
export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    environment: 'node',
    testTimeout: 120_000,
    typecheck: { enabled: true, include: ['test/**/*.test-d.{ts,tsx}'], tsconfig: 'tsconfig.json' },
  },
});
