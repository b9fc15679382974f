import type { ConversationFilters, SortBy } from '@parlor/client';
import { searchDebounceMs } from './limits.ts';

export interface Filters extends Pick<ConversationFilters, 'funnelId' | 'handler' | 'assignee' | 'label' | 'unread'> {
  status: 'open' | 'closed' | 'all';
  /** Only archived conversations, instead of only the others. */
  archived: boolean;
  sortBy: SortBy;
  /** The search in force: what was typed, once typing paused. */
  searchQuery: string;
}

export const defaultFilters: Filters = { status: 'open', archived: false, sortBy: 'newest', searchQuery: '' };

/** What the agent looks at. Shared by everything under one provider; a host may keep it in its URL. */
export interface InboxView {
  filters: Filters;
  /** As typed; runs ahead of `filters.searchQuery`. */
  searchQuery: string;
  selectedConversationId: string | undefined;
}

export interface InboxStore {
  get(): InboxView;
  subscribe(listener: () => void): () => void;
  setFilters(change: Partial<Filters>): void;
  setSearchQuery(query: string): void;
  select(id: string | undefined): void;
  /** Replaces all at once, as a step through the browser's history does. */
  replace(view: Partial<InboxView>): void;
}

/** The same as the client asks for it. */
export function listFilters({ searchQuery, ...filters }: Filters): ConversationFilters {
  return searchQuery === '' ? filters : { ...filters, search: searchQuery };
}

function same(a: Filters, b: Filters): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Filters>;
  return [...keys].every((key) => a[key] === b[key]);
}

export function createInbox(initial: Partial<InboxView> = {}): InboxStore {
  const filters = { ...defaultFilters, ...initial.filters };
  let view: InboxView = {
    filters,
    searchQuery: initial.searchQuery ?? filters.searchQuery,
    selectedConversationId: initial.selectedConversationId,
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  const publish = (next: InboxView) => {
    view = next;
    for (const listener of listeners) listener();
  };
  const withFilters = (change: Partial<Filters>): Filters => {
    const next = { ...view.filters, ...change };
    return same(next, view.filters) ? view.filters : next;
  };

  return {
    get: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setFilters(change) {
      const next = withFilters(change);
      // A search set from outside is also what the field shows.
      const searchQuery = change.searchQuery ?? view.searchQuery;
      if (change.searchQuery !== undefined) clearTimeout(timer);
      if (next !== view.filters || searchQuery !== view.searchQuery) publish({ ...view, filters: next, searchQuery });
    },
    setSearchQuery(query) {
      clearTimeout(timer);
      const apply = () => {
        const next = withFilters({ searchQuery: query.trim() });
        if (next !== view.filters) publish({ ...view, filters: next });
      };
      if (query !== view.searchQuery) publish({ ...view, searchQuery: query });
      // Clearing is a decision, not a pause in typing.
      if (query === '') apply();
      else timer = setTimeout(apply, searchDebounceMs);
    },
    select(id) {
      if (id !== view.selectedConversationId) publish({ ...view, selectedConversationId: id });
    },
    replace(next) {
      clearTimeout(timer);
      const merged = { ...view, ...next };
      publish({ ...merged, searchQuery: next.searchQuery ?? merged.filters.searchQuery });
    },
  };
}
