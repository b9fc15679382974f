// One minified stylesheet out of src/styles, so that a host imports one file.
import { mkdir, writeFile } from 'node:fs/promises';
import { bundle, browserslistToTargets } from 'lightningcss';

// Browsers that know light-dark(), container queries and nesting-free layers by themselves: nothing is lowered.
const targets = browserslistToTargets(['chrome 123', 'firefox 120', 'safari 17.5']);
const filename = new URL('../src/styles/index.css', import.meta.url).pathname;
const { code } = bundle({ filename, minify: true, targets });
await mkdir(new URL('../dist/', import.meta.url), { recursive: true });
await writeFile(new URL('../dist/styles.css', import.meta.url), code);
