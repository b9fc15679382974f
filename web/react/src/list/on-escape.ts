import type { KeyboardEvent } from 'react';

/** Leaves what has the focus, and only that. */
export const onEscape = (leave: () => void) => (event: KeyboardEvent) => {
  if (event.key !== 'Escape') return;
  event.stopPropagation();
  leave();
};
