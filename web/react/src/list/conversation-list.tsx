import { useCallback, useEffect, useMemo, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import type { ConversationFilters } from '@parlor/client';
import { classNames } from '../class-name.ts';
import { useConversationList, useInboxView } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import { listFilters } from '../inbox.ts';
import { rowPx, skeletonAfterMs } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { useDelayed } from '../use-delayed.ts';
import { useWindow } from '../window/use-window.ts';
import { ConversationCard, type ConversationCardSlots } from './conversation-card.tsx';
import { ConversationSkeleton } from './conversation-skeleton.tsx';
import { FilterBar, SortSelect } from './filter-bar.tsx';

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
  const { inbox } = useParlor();
  const view = useInboxView();
  const filters = useMemo(() => listFilters(view.filters), [view.filters]);
  const select = useCallback(
    (id: string) => {
      inbox.select(id);
      onSelect?.(id);
    },
    [inbox, onSelect],
  );
  return (
    <div ref={ref} className={classNames('pl-list', className)}>
      {slots?.filters === undefined ? <FilterBar /> : slots.filters}
      <Body filters={filters} selectedId={view.selectedConversationId} onSelect={select} slots={slots} />
    </div>
  );
}

interface BodyProps {
  filters: ConversationFilters;
  selectedId: string | undefined;
  onSelect(id: string): void;
  slots: ConversationListSlots | undefined;
}

function Body({ filters, selectedId, onSelect, slots }: BodyProps) {
  const { chat, messages } = useParlor();
  const list = useConversationList(filters);
  const isWaiting = !list.isLoaded && list.error === undefined && list.ids.length === 0;
  const showsSkeleton = useDelayed(isWaiting, skeletonAfterMs);

  return (
    <>
      <div className="pl-list-line">
        <span role="status">{list.isLoaded && list.ids.length > 0 && messages.count(list.total, list.totalIsCapped)}</span>
        {slots?.filters === undefined && <SortSelect />}
      </div>
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
      {isWaiting ? (
        showsSkeleton && <ConversationSkeleton />
      ) : list.ids.length === 0 ? (
        list.error === undefined && (slots?.empty ?? <Empty filters={filters} />)
      ) : (
        <Rows
          // A new list for new filters begins at its top. What chose them stays, and the focus on it.
          key={JSON.stringify(filters)}
          ids={list.ids}
          hasMore={list.hasMore}
          filters={filters}
          selectedId={selectedId}
          onSelect={onSelect}
          card={slots?.card}
        />
      )}
    </>
  );
}

function Empty({ filters }: { filters: ConversationFilters }) {
  const { inbox, messages } = useParlor();
  const isSearch = filters.search !== undefined;
  const isOpen = filters.status === 'open' && filters.archived !== true;
  return (
    <div className="pl-empty">
      <Icon name={isSearch ? 'search' : 'inbox'} />
      <strong dir="auto">
        {isSearch ? messages.noMatchTitle(filters.search ?? '') : isOpen ? messages.emptyOpenTitle : messages.emptyTitle}
      </strong>
      <p>{isSearch ? messages.noMatchBody : messages.emptyBody}</p>
      {isSearch && (
        <button type="button" className="pl-button" data-variant="outline" onClick={() => inbox.setSearchQuery('')}>
          {messages.clearSearch}
        </button>
      )}
    </div>
  );
}

interface RowsProps {
  ids: readonly string[];
  hasMore: boolean;
  filters: ConversationFilters;
  selectedId: string | undefined;
  onSelect(id: string): void;
  card: ConversationCardSlots | undefined;
}

const moves: Record<string, (index: number, last: number) => number> = {
  ArrowDown: (index, last) => Math.min(index + 1, last),
  ArrowUp: (index) => Math.max(index - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

function Rows({ ids, hasMore, filters, selectedId, onSelect, card }: RowsProps) {
  const { chat, messages } = useParlor();
  // The end of the list is a row too, so that it scrolls with the others.
  const count = ids.length + 1;
  const keyOf = useCallback((index: number) => ids[index] ?? 'end', [ids]);
  const onNearEnd = useCallback(() => {
    if (hasMore) void chat.loadMore(filters);
  }, [chat, filters, hasMore]);
  const { rows, setScroller, setContainer, setRow, reveal } = useWindow({ count, keyOf, estimate: () => rowPx, anchor: 'start', onNearEnd });

  // The next and the previous one are likely to be opened next.
  useEffect(() => {
    const index = selectedId === undefined ? -1 : ids.indexOf(selectedId);
    if (index < 0) return;
    for (const id of [ids[index + 1], ids[index - 1]]) if (id !== undefined) chat.prefetch(id);
  }, [chat, ids, selectedId]);

  // One stop for the Tab key: the row one was at last, or the first one in view. Arrows move between rows.
  const [lastId, setLastId] = useState(selectedId);
  const [knownSelectedId, setKnownSelectedId] = useState(selectedId);
  if (knownSelectedId !== selectedId) {
    setKnownSelectedId(selectedId);
    // Closed again, it is still where one came from.
    if (selectedId !== undefined) setLastId(selectedId);
  }
  const tabStop = rows.some((row) => row.key === lastId) ? lastId : rows[0]?.key;

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    const move = moves[event.key];
    if (row === null || move === undefined) return;
    event.preventDefault();
    const list = event.currentTarget;
    const target = move(Number(row.dataset['index']), ids.length - 1);
    const focus = () => list.querySelector<HTMLElement>(`[data-index="${target}"] button`)?.focus();
    reveal(target);
    focus();
    // A row far away is rendered only after the scroll. Who has moved on by then, to the field by Enter, stays there.
    const before = document.activeElement;
    const focusLate = () => {
      const now = document.activeElement;
      if (now === before || now === document.body) focus();
    };
    requestAnimationFrame(() => requestAnimationFrame(focusLate));
  }

  return (
    <div ref={setScroller} className="pl-scroll">
      <ul ref={setContainer} className="pl-window" aria-label={messages.conversations} onKeyDown={onKeyDown}>
        {rows.map(({ index, key }) => (
          <li key={key} ref={setRow} data-index={index} aria-setsize={hasMore ? -1 : ids.length} aria-posinset={index + 1}>
            {index < ids.length ? (
              <ConversationCard id={key} isSelected={key === selectedId} onSelect={onSelect} tabIndex={key === tabStop ? 0 : -1} slots={card} />
            ) : (
              <p className="pl-list-end">{hasMore ? messages.loadingConversations : messages.listEnd}</p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
