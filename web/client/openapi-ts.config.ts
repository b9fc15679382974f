import { defineConfig } from '@hey-api/openapi-ts';

/** Types only: the server's document becomes the shapes of `src/protocol/schema.ts`. */
export default defineConfig({
  input: '../../openapi.json',
  output: { path: 'src/protocol/generated', entryFile: false },
  plugins: ['@hey-api/typescript'],
});
