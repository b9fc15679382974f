import type { ListState, Readable } from '@parlor/client';
import { useId, useRef, useState } from 'react';
import { useInboxView, useIsMarking } from '../hooks/narrow.ts';
import { nothing, useOf } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';
import { SortSelect } from './filter-bar.tsx';
import { BulkBar, FilterPanel } from './lazy-tools.ts';
import { narrowedBy } from './views.ts';

/** How many there are, and what one can do to the list. Choosing rows, it holds what can be done to them. */
export function ListLine({ list = nothing, hasTools }: { list: Readable<ListState | undefined> | undefined; hasTools: boolean }) {
  const { inbox, messages } = useParlor();
  const { filters } = useInboxView();
  const isMarking = useIsMarking();
  const [isOpen, setOpen] = useState(false);
  const panelId = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const marker = useRef<HTMLButtonElement>(null);
  const active = narrowedBy(filters);
  const count = useOf(list, (now) => now?.isLoaded && now.ids.length > 0 && messages.count(now.total, now.totalIsCapped));

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
      {isMarking && <BulkBar list={list} onDone={stopMarking} />}
      <div className="pl-list-line" hidden={isMarking}>
        <span role="status">{count}</span>
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
      <div id={panelId}>{isOpen && !isMarking && <FilterPanel onClose={close} />}</div>
    </>
  );
}
