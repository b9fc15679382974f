import type { SavedView } from '@parlor/client/desk';
import { defaultFilters, type Filters } from '../inbox.ts';

/** The views every inbox has. */
export type ViewName = 'open' | 'unread' | 'waiting' | 'mine' | 'closed' | 'archived' | 'all';

type Shape = Pick<Filters, 'status' | 'archived' | 'unread' | 'handler' | 'assignee'>;

const bare = { archived: false, unread: undefined, handler: undefined, assignee: undefined } satisfies Partial<Shape>;

const shapes: Record<ViewName, Shape> = {
  open: { ...bare, status: 'open' },
  unread: { ...bare, status: 'open', unread: true },
  waiting: { ...bare, status: 'open', handler: 'queue' },
  mine: { ...bare, status: 'open', assignee: 'me' },
  closed: { ...bare, status: 'closed' },
  archived: { ...bare, status: 'all', archived: true },
  all: { ...bare, status: 'all' },
};

/** What choosing a view changes. Funnel, label, search and order stay as they are. */
export const shapeOf = (name: ViewName): Shape => shapes[name];

/** The view that filters show; where they narrow one further, the wider one. */
export function viewOf(filters: Filters): ViewName {
  const isShape = (shape: Shape) => (Object.keys(shape) as (keyof Shape)[]).every((key) => shape[key] === filters[key]);
  const names = Object.keys(shapes) as ViewName[];
  return names.find((name) => isShape(shapes[name])) ?? (filters.archived ? 'archived' : filters.status);
}

/** What takes away whatever narrows the view. */
export function widened({ status, archived }: Filters): Partial<Filters> {
  return { ...bare, status, archived, funnelId: undefined, label: undefined };
}

/** How much filters narrow their view. */
export function narrowedBy(filters: Filters): number {
  const shape = shapes[viewOf(filters)];
  const isMore = (key: 'unread' | 'handler' | 'assignee' | 'funnelId' | 'label') =>
    filters[key] !== undefined && filters[key] !== (key in shape ? shape[key as keyof Shape] : undefined);
  return (['unread', 'handler', 'assignee', 'funnelId', 'label'] as const).filter(isMore).length;
}

/** The filters a saved view stands for. */
export function filtersOf({ filters: { search = '', archived, ...saved } }: SavedView): Filters {
  const all: Filters = { ...bare, funnelId: undefined, label: undefined, ...defaultFilters, ...saved, searchQuery: search };
  return { ...all, archived: archived === true };
}

/** The same the other way round: what is as usual is left out. */
export function savedFiltersOf(filters: Filters): SavedView['filters'] {
  const { searchQuery, ...plain } = filters;
  const unusual = Object.entries(plain).filter(([name, value]) =>
    value !== undefined && value !== defaultFilters[name as keyof typeof defaultFilters]);
  return { ...Object.fromEntries(unusual), ...(searchQuery !== '' && { search: searchQuery }) };
}

/** Whether a saved view is what is shown. */
export function isShown(view: SavedView, filters: Filters): boolean {
  return JSON.stringify(Object.entries(savedFiltersOf(filtersOf(view))).toSorted()) === JSON.stringify(Object.entries(savedFiltersOf(filters)).toSorted());
}
