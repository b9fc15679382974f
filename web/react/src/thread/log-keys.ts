import type { KeyboardEvent } from 'react';

/** The log is one stop of the Tab key. Enter goes into it, to the last message in view, arrows to the others, Escape out again. */
export function onLogKey(event: KeyboardEvent<HTMLElement>) {
  const log = event.currentTarget;
  const buttons = [...log.querySelectorAll<HTMLElement>('.pl-message-menu')];
  const at = buttons.indexOf(event.target as HTMLElement);
  if (event.target === log && event.key === 'Enter') {
    const end = log.getBoundingClientRect().bottom;
    (buttons.findLast((each) => each.getBoundingClientRect().bottom <= end) ?? buttons[0])?.focus();
  } else if (at >= 0 && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    buttons[at + (event.key === 'ArrowUp' ? -1 : 1)]?.focus();
  } else if (at >= 0 && event.key === 'Escape') {
    log.focus({ preventScroll: true });
  } else {
    return;
  }
  event.preventDefault();
}
