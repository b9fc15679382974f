import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const page = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8');
const script = page('public/theme.js');

describe('the theme before the first paint', () => {
  beforeEach(() => localStorage.clear());
  afterEach(() => delete document.documentElement.dataset['theme']);

  it.each([['dark', 'dark'], ['light', 'light'], ['pink', undefined]])('stored as %s', (stored, expected) => {
    localStorage.setItem('parlor.theme', stored);
    new Function(script)();
    expect(document.documentElement.dataset['theme']).toBe(expected);
  });

  it.each(['index.html', 'demo.html'])('%s runs it first and has no inline script or style', (name) => {
    const html = page(name);
    expect(html.indexOf('/theme.js')).toBeLessThan(html.indexOf('type="module"'));
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
  });
});
