import { lazy } from 'react';

// Used now and then: fetched once the list is there, so that the first load is smaller and the first use still waits for nothing.
export const tools = () => import('./tools.ts');

export const BulkBar = lazy(async () => ({ default: (await tools()).BulkBar }));
export const FilterPanel = lazy(async () => ({ default: (await tools()).FilterPanel }));
export const UndoNotice = lazy(async () => ({ default: (await tools()).UndoNotice }));

/** Without a network they are asked for again when they are used. */
export function loadTools(): void {
  tools().catch(() => undefined);
}
