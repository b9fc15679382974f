import type { FullFilters } from '../protocol/filters.js';
import type { LiveChatConversation } from '../protocol/model.js';
import type { LiveChatError } from '../protocol/problem.js';
import type { ConversationList, SearchMatch, SortBy } from '../protocol/schema.js';

export interface ListState {
  /** In order. Rows are `chat.conversation(id)`. */
  readonly ids: readonly string[];
  /** How many match on the server, loaded or not. */
  readonly total: number;
  /** The server stopped counting at `total`. */
  readonly totalIsCapped: boolean;
  readonly hasMore: boolean;
  /** The first page, or a refresh asked for, is on its way. Ids shown meanwhile are right but may be incomplete. */
  readonly isLoading: boolean;
  readonly isLoadingMore: boolean;
  /** True once any answer has arrived: an empty `ids` then means that nothing matches. */
  readonly isLoaded: boolean;
  /** With a search: where it found each conversation, by its id. One found by its names only is not in it. */
  readonly matches?: ReadonlyMap<string, SearchMatch>;
  /** Why the last load failed; gone with the next one that works. */
  readonly error?: LiveChatError;
}

/** A list's window: all that match up to `boundary`, or all there are when `hasMore` is false. */
export interface ListWindow extends ListState {
  /** Place of the last row of the last page, kept when that row itself moves on. */
  readonly boundary?: Place;
}

/** What a row's order rests on. */
export type Place = Pick<LiveChatConversation, 'id' | 'lastMessageAt' | 'messageCount'>;

export const EMPTY_LIST: ListWindow = {
  ids: [], total: 0, totalIsCapped: false, hasMore: false, isLoading: false, isLoadingMore: false, isLoaded: false,
};

type Lookup = (id: string) => LiveChatConversation | undefined;

const ascending = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0);
const byTime = (a: Place, b: Place) => ascending(+a.lastMessageAt, +b.lastMessageAt) || ascending(a.id, b.id);
const byCount = (a: Place, b: Place) => ascending(a.messageCount, b.messageCount) || ascending(a.id, b.id);

/** Which of two rows comes first in a list, as the server orders them. */
export function compareBy(sortBy: SortBy): (a: Place, b: Place) => number {
  return COMPARE[sortBy];
}

const COMPARE: Record<SortBy, (a: Place, b: Place) => number> = {
  newest: (a, b) => byTime(b, a),
  oldest: byTime,
  most_messages: (a, b) => byCount(b, a),
  least_messages: byCount,
};

/** Whether this client can tell by itself which conversations match. Searching is the server's. */
export function isLocal(filters: FullFilters): boolean {
  return filters.search === undefined;
}

/** Whether a conversation belongs into a list, as far as can be told here. */
export function matches(filters: FullFilters, row: LiveChatConversation): boolean {
  return (
    (filters.status === 'all' || filters.status === row.status) &&
    (filters.archived === 'all' || filters.archived === row.isArchived) &&
    (['funnelId', 'userId', 'handler'] as const).every((name) => filters[name] === undefined || filters[name] === row[name]) &&
    (filters.assignee === undefined || filters.assignee === row.assignee?.id) &&
    (filters.label === undefined || row.labels.includes(filters.label)) &&
    (!filters.unread || row.unreadCount > 0)
  );
}

/** Whether nothing changed by which a list has it, or has it where it is. */
export function differOnlyInUser(before: LiveChatConversation, after: LiveChatConversation): boolean {
  return Object.keys({ ...before, ...after }).every((name) => {
    const key = name as keyof LiveChatConversation;
    return key === 'user' || before[key] === after[key];
  });
}

/**
 * The list after one conversation changed from `before` (undefined: not known here) to `after` (undefined: deleted).
 * `lookup` gives the other rows. `isTotalSure` is false when the total has to be asked for.
 */
export function follow(
  list: ListWindow, filters: FullFilters, before: LiveChatConversation | undefined,
  after: LiveChatConversation | undefined, lookup: Lookup,
): { list: ListWindow; isTotalSure: boolean } {
  const id = (after ?? before)?.id;
  // Deleted without ever having been here: whether it was counted is the server's to say.
  if (id === undefined) return { list, isTotalSure: !list.hasMore };
  const at = before ? indexOf(list.ids, before, filters.sortBy, lookup) : -1;
  // What only the server can judge stays in or out until it is asked again.
  const isIn = after !== undefined && matches(filters, after) && (isLocal(filters) || at >= 0);
  const wasIn = before !== undefined && matches(filters, before) && (isLocal(filters) || at >= 0);
  const ids = isIn ? moved(list, filters, at, after, lookup) : at >= 0 ? list.ids.toSpliced(at, 1) : list.ids;
  // One not known here before may have been counted beyond the loaded pages, and be in or out of it now.
  const isWhole = isLocal(filters) && !list.hasMore;
  const isNew = before === undefined && after !== undefined && isYoungerThan(list, filters, after);
  const isTotalSure = isWhole || (isLocal(filters) && (before !== undefined || isNew));
  const added = isTotalSure || after?.version === 1 ? Number(isIn) - Number(wasIn) : 0;
  const counted = list.totalIsCapped ? list.total : Math.max(0, list.total + added);
  const total = isWhole ? ids.length : counted;
  if (ids === list.ids && total === list.total) return { list, isTotalSure };
  return { list: { ...list, ids, total }, isTotalSure };
}

/** Whether a row not in the list began after all that it holds: had it been there, it would have been on the first page. */
function isYoungerThan(list: ListWindow, filters: FullFilters, row: LiveChatConversation): boolean {
  return filters.sortBy === 'newest' && list.boundary !== undefined && row.startedAt > list.boundary.lastMessageAt;
}

/** The ids with `row`, now at index `at` or nowhere (-1), at its right place; the same array if it is there already. */
function moved(
  list: ListWindow, filters: FullFilters, at: number, row: LiveChatConversation, lookup: Lookup,
): readonly string[] {
  const compare = COMPARE[filters.sortBy];
  const rest = at >= 0 ? list.ids.toSpliced(at, 1) : [...list.ids];
  const isBeyond = list.hasMore && list.boundary !== undefined && compare(row, list.boundary) > 0;
  if (isBeyond) return at >= 0 ? rest : list.ids;
  const to = placeOf(rest, row, compare, lookup);
  if (to === at) return list.ids;
  // A copy of our own: a second one of 10,000 ids is what an event would take longest for.
  rest.splice(to, 0, row.id);
  return rest;
}

/** The ids with those of a further page behind them, none twice. */
export function withPage(ids: readonly string[], page: readonly string[]): readonly string[] {
  const known = new Set(ids);
  return [...ids, ...page.filter((id) => !known.has(id))];
}

/** The matches with those of a further page. */
export function withMatches(known: ListState['matches'], { matches }: Pick<ConversationList, 'matches'>): ListState['matches'] {
  return matches ? new Map([...(known ?? []), ...Object.entries(matches)]) : known;
}

/**
 * What can be shown of a list before it was ever loaded: the exact beginning, if `source` holds all that match it up
 * to its boundary, or all there are.
 */
export function seed(
  filters: FullFilters, source: ListWindow, sourceFilters: FullFilters, lookup: Lookup,
): ListWindow | undefined {
  if (!source.isLoaded || !isLocal(filters) || !covers(sourceFilters, filters)) return undefined;
  const isSameOrder = filters.sortBy === sourceFilters.sortBy;
  if (!isSameOrder && source.hasMore) return undefined;
  const found = source.ids.flatMap((id) => {
    const row = lookup(id);
    return row && matches(filters, row) ? [row] : [];
  });
  const rows = isSameOrder ? found : found.toSorted(COMPARE[filters.sortBy]);
  return {
    ...EMPTY_LIST, ids: rows.map((row) => row.id), total: rows.length, hasMore: source.hasMore,
    boundary: source.boundary, isLoaded: !source.hasMore,
  };
}

/** Whether everything that matches `inner` matches `outer` too. */
function covers(outer: FullFilters, inner: FullFilters): boolean {
  const { status, archived, sortBy: _, ...others } = outer;
  return (
    (status === 'all' || status === inner.status) &&
    (archived === 'all' || archived === inner.archived) &&
    Object.entries(others).every(([name, value]) => inner[name as keyof FullFilters] === value)
  );
}

function indexOf(ids: readonly string[], row: LiveChatConversation, sortBy: SortBy, lookup: Lookup): number {
  const guess = placeOf(ids, row, COMPARE[sortBy], (id) => (id === row.id ? row : lookup(id)));
  // A server that breaks ties otherwise, or a row that only it could place: look everywhere.
  return ids[guess] === row.id ? guess : ids.indexOf(row.id);
}

/** Binary search: the first index whose row does not come before `row`. */
function placeOf(ids: readonly string[], row: Place, compare: (a: Place, b: Place) => number, lookup: Lookup): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const id = ids[middle];
    const other = id === undefined ? undefined : lookup(id);
    if (other && compare(other, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
