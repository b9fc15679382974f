import { defaultFilters, type Filters, type InboxView } from '@parlor/react';

// Filters and selection live in the address: a reload, a bookmark, a copied link and the back button mean what they say.

/** How one filter is written: the name in the address, and its value there and back. What it does not know is the default. */
interface Field<T> {
  name: string;
  read(text: string): T | undefined;
  write(value: T): string | undefined;
}

const text = (name: string): Field<string | undefined> => ({
  name,
  read: (given) => given || undefined,
  write: (value) => value || undefined,
});

const flag = <T extends boolean | undefined>(name: string): Field<T> => ({
  name,
  read: (given) => (given === 'true' ? (true as T) : undefined),
  write: (value) => (value === true ? 'true' : undefined),
});

const oneOf = <T extends string>(name: string, allowed: readonly T[], fallback: T | undefined): Field<T | undefined> => ({
  name,
  read: (given) => allowed.find((each) => each === given),
  write: (value) => (value === fallback ? undefined : value),
});

type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** Every filter there is: one that is added does not compile until it has its place in the address. */
const fields: Fields<Filters> = {
  archived: flag('archived'),
  status: oneOf('status', ['open', 'closed', 'all'], defaultFilters.status) as Field<Filters['status']>,
  handler: oneOf('handler', ['bot', 'queue', 'agent'], undefined),
  assignee: text('assignee'),
  unread: flag('unread'),
  label: text('label'),
  funnelId: text('funnel'),
  sortBy: oneOf('sort', ['newest', 'oldest', 'most_messages', 'least_messages'], defaultFilters.sortBy) as Field<Filters['sortBy']>,
  searchQuery: text('q') as Field<string>,
};

function readFilters<T extends object>(query: URLSearchParams, table: Fields<T>, defaults: T): T {
  const filters = { ...defaults };
  for (const key of Object.keys(table) as (keyof T)[]) {
    const given = query.get(table[key].name);
    const value = given === null ? undefined : table[key].read(given);
    if (value !== undefined) filters[key] = value;
  }
  return filters;
}

function writeFilters<T extends object>(query: URLSearchParams, table: Fields<T>, filters: T): void {
  for (const key of Object.keys(table) as (keyof T)[]) {
    const written = table[key].write(filters[key]);
    if (written !== undefined) query.set(table[key].name, written);
  }
}

function seqOf(given: string | null): number | undefined {
  const seq = Number(given ?? '');
  return Number.isSafeInteger(seq) && seq > 0 ? seq : undefined;
}

/** What the address asks for; anything it does not know is the default. */
export function readAddress(search: string): InboxView {
  const query = new URLSearchParams(search);
  const filters = readFilters(query, fields, defaultFilters);
  // The archive has no open conversations.
  if (filters.archived) filters.status = 'all';
  const selectedConversationId = query.get('conversation') ?? undefined;
  const messageSeq = selectedConversationId === undefined ? undefined : seqOf(query.get('message'));
  return {
    filters,
    searchQuery: filters.searchQuery,
    selectedConversationId,
    messageSeq,
    // A note has its place behind a message.
    noteId: messageSeq === undefined ? undefined : query.get('note') || undefined,
  };
}

/** The shortest address for a view: defaults are left out. */
export function writeAddress({ filters, selectedConversationId, messageSeq, noteId }: Omit<InboxView, 'searchQuery'>): string {
  const query = new URLSearchParams();
  writeFilters(query, fields, filters.archived ? { ...filters, status: defaultFilters.status } : filters);
  if (selectedConversationId !== undefined) {
    query.set('conversation', selectedConversationId);
    if (messageSeq !== undefined) query.set('message', String(messageSeq));
    if (messageSeq !== undefined && noteId !== undefined) query.set('note', noteId);
  }
  const written = query.toString();
  return written === '' ? '/' : `/?${written}`;
}

/** The address of one message, for a link that is copied: whoever opens it sees the conversation as it is. */
export function messageAddress(conversationId: string, seq: number): string {
  return writeAddress({ filters: defaultFilters, selectedConversationId: conversationId, messageSeq: seq });
}
