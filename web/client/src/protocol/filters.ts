import type { ConversationStatus, Handler, SortBy } from './schema.js';

/** What a list shows and in which order. Two equal filters are one list, however they were written. */
export interface ConversationFilters {
  /** Default `open`. */
  status?: ConversationStatus | 'all';
  /** Default `newest`: by time of the last message, then id. */
  sortBy?: SortBy;
  /** Words and word beginnings in names, e-mails, funnel names and every message. */
  search?: string;
  /** Default `false`: what is not in the archive. */
  archived?: boolean | 'all';
  funnelId?: string;
  userId?: string;
  handler?: Handler;
  /** An agent's id. */
  assignee?: string;
  label?: string;
  /** `true`: only conversations with something this side has not read. */
  unread?: boolean;
}

/** Filters with their defaults filled in and what asks for nothing left out. */
export type FullFilters = ConversationFilters & Required<Pick<ConversationFilters, 'status' | 'sortBy' | 'archived'>>;

const OPTIONAL = ['funnelId', 'userId', 'handler', 'assignee', 'label'] as const;

export function fullFilters(filters: ConversationFilters = {}): FullFilters {
  const full: FullFilters = {
    status: filters.status ?? 'open',
    sortBy: filters.sortBy ?? 'newest',
    archived: filters.archived ?? false,
  };
  const search = filters.search?.trim();
  if (search) full.search = search;
  for (const name of OPTIONAL) if (filters[name]) Object.assign(full, { [name]: filters[name] });
  if (filters.unread) full.unread = true;
  return full;
}

/** The identity of a list: equal for equal filters, because `fullFilters` fills in a fixed order. */
export function filtersKey(filters: FullFilters): string {
  return JSON.stringify(filters);
}

export function filtersOfKey(key: string): FullFilters {
  return JSON.parse(key) as FullFilters;
}

export function filtersQuery(filters: FullFilters): string {
  return new URLSearchParams(Object.entries(filters).map(([name, value]) => [name, String(value)])).toString();
}
