// A chunk of its own: see `list-line.tsx`.
export { BulkBar } from './bulk-bar.tsx';
export { FilterPanel } from './filter-panel.tsx';
export { UndoNotice } from './undo-notice.tsx';
