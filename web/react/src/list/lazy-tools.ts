import { createPart } from '../part.tsx';
import type { BulkBar as Bar } from './bulk-bar.tsx';
import type { FilterPanel as Panel } from './filter-panel.tsx';
import type { UndoNoticeProps } from './undo-notice.tsx';
import type { ComponentProps } from 'react';

// Used now and then: fetched once the list is there, so that the first load is smaller and the first use still waits for nothing.
export const tools = () => import('./tools.ts');

export const BulkBar = createPart<ComponentProps<typeof Bar>>(async () => (await tools()).BulkBar);
export const FilterPanel = createPart<ComponentProps<typeof Panel>>(async () => (await tools()).FilterPanel);
export const UndoNotice = createPart<UndoNoticeProps>(async () => (await tools()).UndoNotice);

/** Without a network they are asked for again when they are used. */
export function loadTools(): void {
  for (const part of [BulkBar, FilterPanel, UndoNotice]) part.prepare();
}
