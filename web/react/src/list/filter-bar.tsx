import { useId } from 'react';
import { useInboxView } from '../hooks/narrow.ts';
import { useDesk } from '../hooks/use-desk.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import type { Filters } from '../inbox.ts';
import { useParlor } from '../provider.tsx';
import { filtersOf, isShown, shapeOf, viewOf, type ViewName } from './views.ts';

/** Search, and which conversations. */
export function FilterBar() {
  return (
    <div className="pl-filters">
      <SearchField />
      <ViewPicker />
    </div>
  );
}

function SearchField() {
  const { inbox, messages } = useParlor();
  const { searchQuery } = useInboxView();
  return (
    <div className="pl-search" role="search">
      <Icon name="search" />
      <input
        type="search"
        value={searchQuery}
        onChange={(event) => inbox.setSearchQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || searchQuery === '') return;
          event.stopPropagation();
          inbox.setSearchQuery('');
        }}
        aria-label={messages.searchLabel}
        placeholder={messages.searchPlaceholder}
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="search"
      />
      {searchQuery !== '' && (
        <button type="button" className="pl-button" data-variant="icon" aria-label={messages.clearSearch} onClick={() => inbox.setSearchQuery('')}>
          <Icon name="cross" />
        </button>
      )}
    </div>
  );
}

/** What one works through is one click away; the rest, and the saved views, stand behind it. */
function ViewPicker() {
  const { inbox, messages } = useParlor();
  const { filters } = useInboxView();
  const saved = useReadable(useDesk().views) ?? [];
  const name = useId();
  const shown = saved.find((view) => isShown(view, filters));
  const current = shown === undefined ? viewOf(filters) : undefined;
  const near: readonly (readonly [ViewName, string])[] = [
    ['open', messages.statusOpen],
    ['unread', messages.viewUnread],
    ['waiting', messages.viewWaiting],
    ['mine', messages.viewMine],
  ];
  const far: readonly (readonly [ViewName, string])[] = [
    ['closed', messages.statusClosed],
    ['archived', messages.statusArchived],
    ['all', messages.statusAll],
  ];
  const chosen = shown?.id ?? (far.some(([view]) => view === current) ? current : '');

  function choose(value: string) {
    const view = saved.find(({ id }) => id === value);
    inbox.setFilters(view === undefined ? shapeOf(value as ViewName) : filtersOf(view));
  }

  return (
    <fieldset className="pl-segments">
      <legend className="pl-hidden">{messages.statusLabel}</legend>
      {near.map(([view, label]) => (
        <label key={view}>
          <input type="radio" name={name} value={view} checked={view === current} onChange={() => choose(view)} />
          {label}
        </label>
      ))}
      <span className="pl-select" data-chosen={chosen !== '' || undefined}>
        <select aria-label={messages.viewMore} value={chosen} onChange={(event) => choose(event.target.value)}>
          <option value="" hidden disabled>
            {messages.viewMore}
          </option>
          {far.map(([view, label]) => (
            <option key={view} value={view}>
              {label}
            </option>
          ))}
          {saved.length > 0 && (
            <optgroup label={messages.viewsSaved}>
              {saved.map((view) => (
                <option key={view.id} value={view.id}>
                  {view.name}
                </option>
              ))}
            </optgroup>
          )}
        </select>
        <Icon name="expand" />
      </span>
    </fieldset>
  );
}

export function SortSelect() {
  const { inbox, messages } = useParlor();
  const { filters } = useInboxView();
  return (
    <span className="pl-select">
      <select
        aria-label={messages.sortLabel}
        value={filters.sortBy}
        onChange={(event) => inbox.setFilters({ sortBy: event.target.value as Filters['sortBy'] })}
      >
        <option value="newest">{messages.sortNewest}</option>
        <option value="oldest">{messages.sortOldest}</option>
        <option value="most_messages">{messages.sortMostMessages}</option>
        <option value="least_messages">{messages.sortLeastMessages}</option>
      </select>
      <Icon name="expand" />
    </span>
  );
}
