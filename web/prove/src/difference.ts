/** Where two values differ first and how, or nothing where they are equal. `undefined` members are absent ones. */
export function difference(expected: unknown, found: unknown, path = ''): string | undefined {
  if (Object.is(expected, found)) return undefined;
  if (expected instanceof Date && found instanceof Date && +expected === +found) return undefined;
  if (!isPlain(expected) || !isPlain(found)) return `${path}: expected ${show(expected)}, found ${show(found)}`;
  for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const inner = difference(expected[key], found[key], `${path}/${key}`);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
