import { rowStop } from '../page/focus.ts';

/** One row on, as the arrow keys go; from elsewhere first to the row one was at, and past the one that is open. */
export function stepRow(root: Element, key: 'ArrowDown' | 'ArrowUp'): void {
  const row = root.querySelector<HTMLElement>(rowStop);
  if (row === null) return;
  if (focusedId(root) === undefined) {
    row.focus();
    if (row.dataset['selected'] === undefined) return;
  }
  (document.activeElement ?? row).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}

/** The conversation whose row has the focus. */
export function focusedId(root: Element): string | undefined {
  const { activeElement } = document;
  if (activeElement === null || !root.contains(activeElement)) return undefined;
  return activeElement.closest<HTMLElement>('[data-pane="list"] [data-row]')?.dataset['row'];
}

export function focusSearch(root: Element): void {
  const field = root.querySelector<HTMLInputElement>('[role="search"] input');
  field?.focus();
  field?.select();
}

/** The row the Tab key stops at, or the first one in view where that one is only rendered: nobody sees a focus outside of it. */
function rowInView(root: Element): HTMLElement | null {
  const stop = root.querySelector<HTMLElement>(rowStop);
  const view = stop?.closest('.pl-scroll')?.getBoundingClientRect();
  if (stop === null || view === undefined) return stop;
  const isIn = (row: Element) => {
    const { top, bottom } = row.getBoundingClientRect();
    return top >= view.top && bottom <= view.bottom;
  };
  return isIn(stop) ? stop : ([...root.querySelectorAll<HTMLElement>('.pl-rows .pl-card')].find(isIn) ?? stop);
}

/**
 * What had the focus and is taken away (a row whose conversation was closed, a button that did its work) hands it to the
 * list's row instead of nobody.
 */
export function keepFocus(root: HTMLElement): () => void {
  let last: Element | null = null;
  const remember = (event: FocusEvent) => {
    last = event.target as Element;
  };
  const observer = new MutationObserver(() => {
    if (last === null || last.isConnected || document.activeElement !== document.body) return;
    last = null;
    rowInView(root)?.focus({ preventScroll: true });
  });
  // Who clicks beside everything wants no focus.
  const forget = () => {
    last = null;
  };
  root.addEventListener('focusin', remember);
  root.addEventListener('pointerdown', forget);
  observer.observe(root, { childList: true, subtree: true });
  return () => {
    root.removeEventListener('focusin', remember);
    root.removeEventListener('pointerdown', forget);
    observer.disconnect();
  };
}
