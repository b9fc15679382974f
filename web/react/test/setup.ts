import { isInstalled } from './support/count-renders.ts';
import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';
import { loadAllParts } from '../src/index.ts';

// What is waited for comes, if late on a busy machine.
configure({ asyncUtilTimeout: 30_000 });

// jsdom lays nothing out. A page of fixed sizes is enough for the virtualiser to choose rows.
const sizes = { offsetWidth: 400, offsetHeight: 700, clientHeight: 700 };
for (const [name, value] of Object.entries(sizes)) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
}
Element.prototype.scrollTo = function scrollTo(this: Element, options?: ScrollToOptions | number) {
  this.scrollTop = typeof options === 'object' ? (options.top ?? 0) : 0;
};
// axe asks for a canvas and copes without one; jsdom would print a page about it.
HTMLCanvasElement.prototype.getContext = () => null;

// What comes late on a page is there at once, so that tests need not wait for it.
await loadAllParts();

if (!isInstalled) throw new Error('React has nobody to tell of what renders.');
afterEach(cleanup);
