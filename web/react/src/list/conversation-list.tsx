import { useCallback, useEffect, type ReactNode, type Ref } from 'react';
import type { ConversationFilters, ListState, Readable } from '@parlor/client';
import { classNames } from '../class-name.ts';
import { useInboxView, useListFilters } from '../hooks/narrow.ts';
import { useOptionalReadable } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { skeletonAfterMs } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { useDelayed } from '../use-delayed.ts';
import type { ConversationCardSlots } from './conversation-card.tsx';
import { ConversationSkeleton } from './conversation-skeleton.tsx';
import { FilterBar } from './filter-bar.tsx';
import { loadTools } from './lazy-tools.ts';
import { ListLine } from './list-line.tsx';
import { Rows } from './rows.tsx';
import { narrowedBy, viewOf, widened } from './views.ts';

export interface ConversationListSlots {
  /** In place of search and filters; null for none. */
  filters?: ReactNode;
  empty?: ReactNode;
  card?: ConversationCardSlots;
}

export interface ConversationListProps {
  onSelect?: ((id: string) => void) | undefined;
  className?: string;
  ref?: Ref<HTMLDivElement>;
  slots?: ConversationListSlots | undefined;
}

/** The list for this provider's filters: windowed, loading more as one scrolls, following the server by itself. */
export function ConversationList({ onSelect, className, ref, slots }: ConversationListProps) {
  const { chat } = useParlor();
  const filters = useListFilters();
  const list = filters && chat.list(filters);
  return (
    <div ref={ref} className={classNames('pl-list', className)}>
      {slots?.filters === undefined ? <FilterBar /> : slots.filters}
      <ListLine list={list} hasTools={slots?.filters === undefined} />
      <Listed filters={filters} list={list} onSelect={onSelect} slots={slots} />
    </div>
  );
}

interface ListedProps extends Pick<ConversationListProps, 'onSelect' | 'slots'> {
  filters: ConversationFilters | undefined;
  list: Readable<ListState> | undefined;
}

/** All that a conversation on the move renders: what stands above the rows has nothing to do with their order. */
function Listed({ filters, list: readable, ...props }: ListedProps) {
  const list = useOptionalReadable(readable);
  const wantsTools = list?.isLoaded && props.slots?.filters === undefined;
  useEffect(() => {
    if (wantsTools) loadTools();
  }, [wantsTools]);
  const isWaiting = list === undefined || (!list.isLoaded && list.error === undefined && list.ids.length === 0);
  const showsSkeleton = useDelayed(isWaiting, skeletonAfterMs);
  return isWaiting ? showsSkeleton && <ConversationSkeleton /> : filters && <Body filters={filters} list={list} {...props} />;
}

interface BodyProps extends Pick<ConversationListProps, 'onSelect' | 'slots'> {
  filters: ConversationFilters;
  list: ListState;
}

function Body({ filters, list, onSelect, slots }: BodyProps) {
  const { chat, inbox, messages } = useParlor();
  const { selectedConversationId: selectedId } = useInboxView();
  const select = useCallback(
    (id: string) => {
      // A hit opens at what was found; a note from before the first message stands at it.
      const { seq, noteId } = chat.list(filters).get().matches?.get(id) ?? {};
      inbox.select(id, { seq: seq === undefined ? undefined : Math.max(seq, 1), noteId });
      onSelect?.(id);
    },
    [chat, inbox, filters, onSelect],
  );
  return (
    <>
      {/* What is on the screen stays; that the connection is gone is said once, for the whole page. */}
      {list.error !== undefined && (!list.isLoaded || list.error.code !== 'network') && (
        <div className="pl-banner" data-kind="error" role="alert">
          <Icon name="alert" />
          <span>{messages.loadFailed(messages.problem(list.error.code, list.error.message))}</span>
          <button type="button" className="pl-button" data-variant="outline" onClick={() => void chat.refresh(filters)}>
            {messages.retry}
          </button>
        </div>
      )}
      {list.ids.length === 0 ? (
        list.error === undefined && (slots?.empty ?? <Empty />)
      ) : (
        // A new list for new filters begins at its top. What chose them stays, and the focus on it.
        <Rows key={JSON.stringify(filters)} list={list} filters={filters} selectedId={selectedId} onSelect={select} card={slots?.card} />
      )}
    </>
  );
}

function Empty() {
  const { inbox, messages } = useParlor();
  const { filters } = useInboxView();
  const { searchQuery } = filters;
  const isNarrowed = narrowedBy(filters) > 0;
  const [title, body] =
    searchQuery !== ''
      ? [messages.noMatchTitle(searchQuery), messages.noMatchBody]
      : isNarrowed
        ? [messages.noFilterMatchTitle, messages.noFilterMatchBody]
        : [viewOf(filters) === 'open' ? messages.emptyOpenTitle : messages.emptyTitle, messages.emptyBody];
  return (
    <div className="pl-empty">
      <Icon name={searchQuery !== '' ? 'search' : isNarrowed ? 'filter' : 'inbox'} />
      <strong dir="auto">{title}</strong>
      <p>{body}</p>
      {searchQuery !== '' && (
        <button type="button" className="pl-button" data-variant="outline" onClick={() => inbox.setSearchQuery('')}>
          {messages.clearSearch}
        </button>
      )}
      {isNarrowed && (
        <button type="button" className="pl-button" data-variant="outline" onClick={() => inbox.setFilters(widened(filters))}>
          {messages.filterClear}
        </button>
      )}
    </div>
  );
}
