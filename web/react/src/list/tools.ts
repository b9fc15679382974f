// A chunk of its own: see `lazy-tools.ts`.
export { actAndTell } from './acting.ts';
export { BulkBar } from './bulk-bar.tsx';
export { FilterPanel } from './filter-panel.tsx';
export { UndoNotice } from './undo-notice.tsx';
