import type { ListState, Readable } from '@parlor/client';
import { Suspense, useEffect, useId, useRef, useState } from 'react';
import { useInboxView, useIsMarking } from '../hooks/narrow.ts';
import { nothing, useOf } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';
import { SortSelect } from './filter-bar.tsx';
import { BulkBar, FilterPanel, loadTools } from './lazy-tools.ts';
import { narrowedBy } from './views.ts';

const isLoadedOf = (list?: ListState) => list?.isLoaded ?? false;
const totalOf = (list?: ListState) => (list?.isLoaded && list.ids.length > 0 ? list.total : 0);
const isCappedOf = (list?: ListState) => list?.totalIsCapped ?? false;

/** How many there are, and what one can do to the list. Choosing rows, it holds what can be done to them. */
export function ListLine({ list, hasTools }: { list: Readable<ListState> | undefined; hasTools: boolean }) {
  const { inbox, messages } = useParlor();
  const { filters } = useInboxView();
  const isMarking = useIsMarking();
  const [isOpen, setOpen] = useState(false);
  const panelId = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const marker = useRef<HTMLButtonElement>(null);
  const active = narrowedBy(filters);
  const isLoaded = useOf<ListState | undefined, boolean>(list ?? nothing, isLoadedOf);
  const total = useOf<ListState | undefined, number>(list ?? nothing, totalOf);
  const isCapped = useOf<ListState | undefined, boolean>(list ?? nothing, isCappedOf);

  useEffect(() => {
    if (isLoaded && hasTools) loadTools();
  }, [isLoaded, hasTools]);

  function close() {
    setOpen(false);
    opener.current?.focus();
  }
  function stopMarking() {
    inbox.marks.stop();
    requestAnimationFrame(() => marker.current?.focus());
  }

  return (
    <>
      {isMarking && list && (
        <Suspense fallback={<div className="pl-list-line" />}>
          <BulkBar list={list} onDone={stopMarking} />
        </Suspense>
      )}
      <div className="pl-list-line" hidden={isMarking}>
        <span role="status">{total > 0 && messages.count(total, isCapped)}</span>
        {hasTools && (
          <>
            <button
              ref={marker}
              type="button"
              className="pl-button"
              data-variant="icon"
              aria-label={messages.select}
              title={messages.select}
              onClick={() => inbox.marks.start()}
            >
              <Icon name="select" />
            </button>
            <button
              ref={opener}
              type="button"
              className="pl-button"
              data-variant="icon"
              data-active={active > 0 || undefined}
              aria-label={messages.filters(active)}
              title={messages.filters(active)}
              aria-expanded={isOpen}
              aria-controls={panelId}
              onClick={() => setOpen(!isOpen)}
            >
              <Icon name="filter" />
              {active > 0 && <span aria-hidden="true">{active}</span>}
            </button>
            <SortSelect />
          </>
        )}
      </div>
      <div id={panelId}>
        {isOpen && !isMarking && (
          <Suspense fallback={null}>
            <FilterPanel onClose={close} />
          </Suspense>
        )}
      </div>
    </>
  );
}
