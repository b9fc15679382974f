// Where the focus goes in a page: its row, its field. By what is on the screen, since rows come and go with scrolling.

export const rowStop = '.pl-card[tabindex="0"]';

/** False on a narrow page while a conversation is open. */
export function isListShown(root: Element): boolean {
  return root.querySelector('[data-pane="list"]')?.checkVisibility?.() !== false;
}

/** Focuses the list's row. A list that was hidden has none before it was measured again. */
export function focusRow(root: Element | null, framesLeft = 10): void {
  const row = root?.querySelector<HTMLElement>(rowStop);
  row?.focus();
  if ((row && document.activeElement === row) || framesLeft === 0) return;
  requestAnimationFrame(() => focusRow(root, framesLeft - 1));
}

/** Into the field one writes with, in this mode where it has modes. */
export function focusComposer(root: Element | null, mode?: 'reply' | 'note'): void {
  const thread = root?.querySelector('[data-conversation]');
  const other = mode && thread?.querySelector<HTMLElement>(`.pl-modes input[value="${mode}"]:not(:checked)`);
  if (other) {
    other.click();
    // The other field has to be there before the focus is.
    requestAnimationFrame(() => focusComposer(root));
  } else thread?.querySelector<HTMLElement>('.pl-composer textarea')?.focus({ preventScroll: true });
}
