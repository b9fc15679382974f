import { configure } from '@testing-library/react';

// What is waited for comes, if late on a busy machine.
configure({ asyncUtilTimeout: 30_000 });

// jsdom lays nothing out. A page of fixed sizes is enough for the list and the thread to choose rows.
const sizes = { offsetWidth: 400, offsetHeight: 700, clientHeight: 700 };
for (const [name, value] of Object.entries(sizes)) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
}
Element.prototype.scrollTo = function scrollTo(this: Element, options?: ScrollToOptions | number) {
  this.scrollTop = typeof options === 'object' ? (options.top ?? 0) : 0;
};
