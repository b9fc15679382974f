import type { ConversationFilters } from '@parlor/client';
import { useCallback, useEffect, useState, type KeyboardEvent } from 'react';
import { useConversation, useIsMarked, useIsMarking, type ListState } from '../hooks/narrow.ts';
import { rowPx } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { useWindow } from '../window/use-window.ts';
import { ConversationCard, type ConversationCardSlots } from './conversation-card.tsx';
import { useSteadyRows } from './steady.ts';

export interface RowsProps {
  list: ListState;
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

/** One stop for the Tab key: the row one was at last, or the first one in view. */
function useTabStop(selectedId: string | undefined, keys: readonly string[]): string | undefined {
  const [lastId, setLastId] = useState(selectedId);
  const [knownSelectedId, setKnownSelectedId] = useState(selectedId);
  if (knownSelectedId !== selectedId) {
    setKnownSelectedId(selectedId);
    // Closed again, it is still where one came from.
    if (selectedId !== undefined) setLastId(selectedId);
  }
  return lastId !== undefined && keys.includes(lastId) ? lastId : keys[0];
}

/** Arrows, Home and End move between rows, in the column one is in: boxes or cards. */
function moveFocus(event: KeyboardEvent<HTMLElement>, last: number, reveal: (index: number) => void) {
  const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
  const move = moves[event.key];
  if (row === null || move === undefined) return;
  event.preventDefault();
  const list = event.currentTarget;
  const target = move(Number(row.dataset['index']), last);
  const kind = event.target instanceof HTMLInputElement ? 'input' : '.pl-card';
  const focus = () => list.querySelector<HTMLElement>(`[data-index="${target}"] ${kind}`)?.focus();
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

/** The rows in view, as they come; none moves from under a pointer or the focus. */
export function Rows({ list, filters, selectedId, onSelect, card }: RowsProps) {
  const { chat, messages } = useParlor();
  const { hasMore, matches } = list;
  const { ids, waiting, isBehind, kept, release, handlers } = useSteadyRows(chat, list.ids);
  const isMarking = useIsMarking();
  // The end of the list is a row too, so that it scrolls with the others.
  const count = ids.length + 1;
  const keyOf = useCallback((index: number) => ids[index] ?? 'end', [ids]);
  const onNearEnd = useCallback(() => {
    if (hasMore) void chat.loadMore(filters);
  }, [chat, filters, hasMore]);
  const { rows, setScroller, setContainer, setRow, reveal } = useWindow({ count, keyOf, estimate: () => rowPx, anchor: 'start', onNearEnd, kept });
  const tabStop = useTabStop(selectedId, rows.map(({ key }) => key));

  // The next and the previous one are likely to be opened next.
  useEffect(() => {
    const index = selectedId === undefined ? -1 : ids.indexOf(selectedId);
    if (index < 0) return;
    for (const id of [ids[index + 1], ids[index - 1]]) if (id !== undefined) chat.prefetch(id);
  }, [chat, ids, selectedId]);

  function show() {
    release();
    reveal(0);
  }

  return (
    <div className="pl-rows">
      {isBehind && (
        <button type="button" className="pl-button pl-fresh" data-variant="primary" onClick={show}>
          {messages.showNew(waiting)}
        </button>
      )}
      <div ref={setScroller} className="pl-scroll">
        <ul
          ref={setContainer}
          className="pl-window"
          aria-label={messages.conversations}
          onKeyDown={(event) => moveFocus(event, ids.length - 1, reveal)}
          {...handlers}
        >
          {rows.map(({ index, key }) => (
            <li key={key} ref={setRow} data-index={index} data-row={index < ids.length ? key : undefined} aria-setsize={hasMore ? -1 : ids.length} aria-posinset={index + 1}>
              {index < ids.length ? (
                <div className="pl-item">
                  {isMarking && <RowMark id={key} ids={ids} tabIndex={key === tabStop ? 0 : -1} />}
                  <ConversationCard
                    id={key}
                    isSelected={key === selectedId}
                    onSelect={onSelect}
                    tabIndex={key === tabStop ? 0 : -1}
                    match={matches?.get(key)}
                    slots={card}
                  />
                </div>
              ) : (
                <p className="pl-list-end">{hasMore ? messages.loadingConversations : messages.listEnd}</p>
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** A row's box. With Shift all between it and the one before. */
function RowMark({ id, ids, tabIndex }: { id: string; ids: readonly string[]; tabIndex: number }) {
  const { inbox, messages } = useParlor();
  const isMarked = useIsMarked(id);
  const name = useConversation(id)?.user.name;
  return (
    <label className="pl-mark">
      <input
        type="checkbox"
        checked={isMarked}
        tabIndex={tabIndex}
        aria-label={messages.selectOne(name || messages.visitor)}
        onChange={(event) => inbox.marks.toggle(id, (event.nativeEvent as MouseEvent).shiftKey ? ids : undefined)}
      />
    </label>
  );
}
