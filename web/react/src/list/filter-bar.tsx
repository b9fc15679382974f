import { useId } from 'react';
import { useInboxView } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import type { Filters } from '../inbox.ts';
import { useParlor } from '../provider.tsx';

type View = Filters['status'] | 'archived';

/** Search, and which conversations. */
export function FilterBar() {
  return (
    <div className="pl-filters">
      <SearchField />
      <ViewSegments />
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

function ViewSegments() {
  const { inbox, messages } = useParlor();
  const { filters } = useInboxView();
  const name = useId();
  const current: View = filters.archived ? 'archived' : filters.status;
  const views: readonly (readonly [View, string])[] = [
    ['open', messages.statusOpen],
    ['closed', messages.statusClosed],
    ['all', messages.statusAll],
    ['archived', messages.statusArchived],
  ];
  return (
    <fieldset className="pl-segments">
      <legend className="pl-hidden">{messages.statusLabel}</legend>
      {views.map(([view, label]) => (
        <label key={view}>
          <input
            type="radio"
            name={name}
            value={view}
            checked={view === current}
            onChange={() => inbox.setFilters(view === 'archived' ? { status: 'all', archived: true } : { status: view, archived: false })}
          />
          {label}
        </label>
      ))}
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
