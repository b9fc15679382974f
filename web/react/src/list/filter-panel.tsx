import type { SavedView } from '@parlor/client/desk';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useInboxView } from '../hooks/narrow.ts';
import { useDesk } from '../hooks/use-desk.ts';
import { useReadable } from '../hooks/use-readable.ts';
import type { Filters } from '../inbox.ts';
import { viewNameMax } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { onEscape } from './on-escape.ts';
import { Select } from './select.tsx';
import { TextField } from './text-field.tsx';
import { useFunnelNames } from './use-funnel-names.ts';
import { isShown, narrowedBy, savedFiltersOf, widened } from './views.ts';

type Option = readonly [value: string, label: string];

/** What narrows the list, and keeping that as a view. */
export function FilterPanel({ onClose }: { onClose(): void }) {
  const { inbox } = useParlor();
  const words = useAgentWords();
  const { filters } = useInboxView();
  const desk = useDesk();
  const funnels = useFunnelNames();
  const agents = useReadable(desk.agents) ?? [];
  const labels = useReadable(desk.labels) ?? [];
  const views = useReadable(desk.views) ?? [];
  const shown = views.find((view) => isShown(view, filters));
  const choice = (name: 'funnelId' | 'handler' | 'assignee' | 'label', label: string, options: readonly Option[]) => (
    <Choice label={label} value={filters[name] ?? ''} options={options} onChange={(value) => inbox.setFilters({ [name]: value || undefined })} />
  );

  return (
    <div
      className="pl-panel"
      role="group"
      aria-label={words.filters(0)}
      onKeyDown={onEscape(onClose)}
    >
      {choice('funnelId', words.filterFunnel, funnels)}
      {choice('handler', words.filterHandler, [['bot', words.handlerBot], ['queue', words.handlerQueue], ['agent', words.handlerAnyAgent]])}
      {choice('assignee', words.filterAgent, [['me', words.filterMe], ...agents.map(({ id, name }): Option => [id, name])])}
      {choice('label', words.filterLabel, labels.map((label) => [label, label]))}
      <Check isOn={filters.unread === true} onChange={(isOn) => inbox.setFilters({ unread: isOn || undefined })}>
        {words.filterUnread}
      </Check>
      {narrowedBy(filters) > 0 && (
        <button type="button" className="pl-button" data-variant="link" onClick={() => inbox.setFilters(widened(filters))}>
          {words.filterClear}
        </button>
      )}
      {(shown === undefined || shown.isMine) && <ViewForm key={shown?.id ?? 'new'} shown={shown} views={views} filters={filters} />}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly Option[];
  onChange(value: string): void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  const words = useAgentWords();
  const isKnown = value === '' || options.some(([each]) => each === value);
  return (
    <label className="pl-field">
      <span>{label}</span>
      <Select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{words.filterAny}</option>
        {/* An address may name what the lists do not have, or not yet. */}
        {!isKnown && <option value={value}>{value}</option>}
        {options.map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </Select>
    </label>
  );
}

function Check({ isOn, onChange, children }: { isOn: boolean; onChange(isOn: boolean): void; children: ReactNode }) {
  return (
    <label className="pl-check">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      {children}
    </label>
  );
}

interface ViewFormProps {
  /** The own view that is shown: it is renamed, shared or deleted. Otherwise a new one is made. */
  shown: SavedView | undefined;
  views: readonly SavedView[];
  filters: Filters;
}

function ViewForm({ shown, views, filters }: ViewFormProps) {
  const { inbox } = useParlor();
  const words = useAgentWords();
  const desk = useDesk();
  const [name, setName] = useState(shown?.name ?? '');
  const [isShared, setShared] = useState(shown?.isShared ?? false);

  function save(event: FormEvent) {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === '') return;
    // A name one has already is that view's: its filters change.
    const id = shown?.id ?? views.find((view) => view.isMine && view.name === wanted)?.id ?? newId();
    tell(desk.putView(id, { name: wanted, isShared, filters: savedFiltersOf(filters) }), words.viewSaved(wanted));
  }

  function remove({ id, name: was, isShared: wasShared, filters: kept }: SavedView) {
    const undo = () => tell(desk.putView(id, { name: was, isShared: wasShared, filters: kept }), words.viewSaved(was));
    tell(desk.deleteView(id), words.viewDeleted(was), undo);
  }

  function tell(done: Promise<void>, text: string, undo?: () => void) {
    inbox.notice.set({ text, undo });
    done.catch((error: unknown) => inbox.notice.set({ text: words.failed(error instanceof Error ? error.message : '') }));
  }

  return (
    <form className="pl-view-form" onSubmit={save}>
      <TextField label={words.viewName} value={name} maxLength={viewNameMax} onChange={setName} />
      <Check isOn={isShared} onChange={setShared}>
        {words.viewShare}
      </Check>
      <button type="submit" className="pl-button" data-variant="outline" disabled={name.trim() === ''}>
        {shown === undefined ? words.viewSave : words.viewRename}
      </button>
      {shown !== undefined && (
        <button type="button" className="pl-button" onClick={() => remove(shown)}>
          {words.viewDelete}
        </button>
      )}
    </form>
  );
}

/** A UUID; `crypto.randomUUID` is missing where the page came over plain HTTP. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
