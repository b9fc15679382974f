import { defaultFilters, type Filters, type InboxView } from '@parlor/react';

// Filters and selection live in the address: a reload, a bookmark and the back button mean what they say.

const statuses: readonly Filters['status'][] = ['open', 'closed', 'all'];
const sorts: readonly Filters['sortBy'][] = ['newest', 'oldest', 'most_messages', 'least_messages'];

const oneOf = <T extends string>(allowed: readonly T[], value: string | null, fallback: T): T =>
  allowed.find((each) => each === value) ?? fallback;

/** What the address asks for; anything it does not know is the default. */
export function readAddress(search: string): InboxView {
  const query = new URLSearchParams(search);
  const archived = query.get('archived') === 'true';
  const searchQuery = query.get('q') ?? '';
  return {
    filters: {
      ...defaultFilters,
      status: archived ? 'all' : oneOf(statuses, query.get('status'), defaultFilters.status),
      archived,
      sortBy: oneOf(sorts, query.get('sort'), defaultFilters.sortBy),
      searchQuery,
    },
    searchQuery,
    selectedConversationId: query.get('conversation') ?? undefined,
  };
}

/** The shortest address for a view: defaults are left out. */
export function writeAddress({ filters, selectedConversationId }: InboxView): string {
  const query = new URLSearchParams();
  if (filters.archived) query.set('archived', 'true');
  else if (filters.status !== defaultFilters.status) query.set('status', filters.status);
  if (filters.sortBy !== defaultFilters.sortBy) query.set('sort', filters.sortBy);
  if (filters.searchQuery !== '') query.set('q', filters.searchQuery);
  if (selectedConversationId !== undefined) query.set('conversation', selectedConversationId);
  const text = query.toString();
  return text === '' ? '/' : `/?${text}`;
}
