import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  plugins: [react()],
  // The workspace's packages are built from their sources: one type-checked graph, no stale dist.
  resolve: { conditions: ['@parlor/source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2022',
    // The policy is default-src 'self': data: URLs would be refused.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { index: page('index.html'), demo: page('demo.html') } },
  },
  server: {
    // `vite` beside a running server: the API, its sockets and the cookie come from there.
    proxy: { '/api': { target: 'http://127.0.0.1:7070', ws: true } },
  },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    environment: 'jsdom',
    setupFiles: ['test/setup.ts'],
    // Nothing is measured by it: it ends what hangs, and a busy machine is slow.
    testTimeout: 120_000,
  },
});
