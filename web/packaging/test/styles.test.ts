import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const file = fileURLToPath(new URL('../../react/dist/styles.css', import.meta.url));

/** What asks for a place among siblings without saying whose: `>:last-child`, `*:nth-child(2)`, `+*`. */
const placeOfAnything = /[\s>+~,(*{}]:(?:first|last|only|nth)-[^,{]*|[+~][*:][^,{]*/g;

// Whether such a rule is meant a browser finds out at every element. From then on a row that comes or goes has all of its
// siblings looked at anew, with all that is in them: at every frame of a scroll.
test('no rule asks for the place of an element without its name', async () => {
  expect((await readFile(file, 'utf8')).match(placeOfAnything)).toBeNull();
});
