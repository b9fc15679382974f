import type { ConversationFilters, SortBy } from '@parlor/client';
import { createCell, type Cell } from './cell.ts';
import { searchDebounceMs } from './limits.ts';
import { createMarks, type MarksStore } from './list/marks.ts';

export interface Filters extends Pick<ConversationFilters, 'funnelId' | 'handler' | 'label' | 'unread'> {
  status: 'open' | 'closed' | 'all';
  /** Only archived conversations, instead of only the others. */
  archived: boolean;
  sortBy: SortBy;
  /** The search in force: what was typed, once typing paused. */
  searchQuery: string;
  /** An agent's id, or `me` for whoever looks. */
  assignee?: string | undefined;
}

export const defaultFilters: Filters = { status: 'open', archived: false, sortBy: 'newest', searchQuery: '' };

/** What the agent looks at. Shared by everything under one provider; a host may keep it in its URL. */
export interface InboxView {
  filters: Filters;
  /** As typed; runs ahead of `filters.searchQuery`. */
  searchQuery: string;
  selectedConversationId: string | undefined;
  /** The message to open it at: of a search hit, or a link to a message. */
  messageSeq?: number | undefined;
  /** The private note behind that message which is meant. */
  noteId?: string | undefined;
  /** Another number whenever one is led there: asked for once more, the same message is shown once more. */
  messageTurn?: number | undefined;
}

/** What was just done, and how to take it back. */
export interface Notice {
  text: string;
  undo?: (() => void) | undefined;
}

export interface InboxStore {
  get(): InboxView;
  subscribe(listener: () => void): () => void;
  setFilters(change: Partial<Filters>): void;
  setSearchQuery(query: string): void;
  select(id: string | undefined, at?: { seq?: number | undefined; noteId?: string | undefined }): void;
  /** Replaces all at once, as a step through the browser's history does. */
  replace(view: Partial<InboxView>): void;
  /** Rows chosen for a change of many. */
  readonly marks: MarksStore;
  /** The latest one, until it is dismissed. */
  readonly notice: Cell<Notice | undefined>;
}

/** The same as the client asks for it, `me` being who looks. */
export function listFilters({ searchQuery, ...filters }: Filters, me?: string): ConversationFilters {
  const full: ConversationFilters = { ...filters };
  if (searchQuery !== '') full.search = searchQuery;
  if (filters.assignee === 'me' && me !== undefined) full.assignee = me;
  return full;
}

function same(a: Filters, b: Filters): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Filters>;
  return [...keys].every((key) => a[key] === b[key]);
}

export function createInbox(initial: Partial<InboxView> = {}): InboxStore {
  const filters = { ...defaultFilters, ...initial.filters };
  const view = createCell<InboxView>({
    filters,
    searchQuery: initial.searchQuery ?? filters.searchQuery,
    selectedConversationId: initial.selectedConversationId,
    messageSeq: initial.messageSeq,
    noteId: initial.noteId,
  });
  const marks = createMarks();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const publish = (next: InboxView) => {
    // Other conversations are in the list now: nobody wants to change what they do not see.
    if (!same(next.filters, view.get().filters)) marks.stop();
    view.set(next);
  };
  const withFilters = (change: Partial<Filters>): Filters => {
    const { filters: before } = view.get();
    const next = { ...before, ...change };
    return same(next, before) ? before : next;
  };

  return {
    get: view.get,
    subscribe: view.subscribe,
    marks,
    notice: createCell<Notice | undefined>(undefined),
    setFilters(change) {
      const before = view.get();
      const next = withFilters(change);
      // A search set from outside is also what the field shows.
      const searchQuery = change.searchQuery ?? before.searchQuery;
      if (change.searchQuery !== undefined) clearTimeout(timer);
      if (next !== before.filters || searchQuery !== before.searchQuery) publish({ ...before, filters: next, searchQuery });
    },
    setSearchQuery(query) {
      clearTimeout(timer);
      const apply = () => {
        const next = withFilters({ searchQuery: query.trim() });
        if (next !== view.get().filters) publish({ ...view.get(), filters: next });
      };
      if (query !== view.get().searchQuery) publish({ ...view.get(), searchQuery: query });
      // Clearing is a decision, not a pause in typing.
      if (query === '') apply();
      else timer = setTimeout(apply, searchDebounceMs);
    },
    select(id, { seq, noteId } = {}) {
      const { selectedConversationId, messageSeq, messageTurn = 0 } = view.get();
      if (id === selectedConversationId && seq === undefined && messageSeq === undefined) return;
      publish({ ...view.get(), selectedConversationId: id, messageSeq: seq, noteId, messageTurn: seq === undefined ? messageTurn : messageTurn + 1 });
    },
    replace(next) {
      clearTimeout(timer);
      const merged = { ...view.get(), ...next };
      // A place in a thread belongs to the selection it came with.
      publish({ ...merged, messageSeq: next.messageSeq, noteId: next.noteId, searchQuery: next.searchQuery ?? merged.filters.searchQuery });
    },
  };
}
