import type { ListState, Readable } from '@parlor/client';
import { useId, useState, type FormEvent, type ReactNode } from 'react';
import { AgentIcon } from '../agent-icons.tsx';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useInboxView, useMarkedIds, useMe } from '../hooks/narrow.ts';
import { useDesk } from '../hooks/use-desk.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { labelTextMax } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { actAndTell } from './acting.ts';
import type { BulkAction } from './bulk.ts';
import { onEscape } from './on-escape.ts';
import { Select } from './select.tsx';
import { TextField } from './text-field.tsx';
import { viewOf } from './views.ts';

export interface BulkBarProps {
  list: Readable<ListState | undefined>;
  onDone(): void;
}

/** What can be done to the chosen rows. */
export function BulkBar({ list, onDone }: BulkBarProps) {
  const parlor = useParlor();
  const { inbox } = parlor;
  const words = useAgentWords();
  const { filters } = useInboxView();
  const marked = useMarkedIds();
  const [asks, setAsks] = useState<'assign' | 'label'>();
  const view = viewOf(filters);

  function run(action: BulkAction, name = '') {
    inbox.marks.stop();
    actAndTell(parlor, marked, action, name);
  }

  const button = (icon: ReactNode, label: string, onClick: () => void, isOpen?: boolean) => (
    <button
      type="button"
      className="pl-button"
      data-variant="icon"
      aria-label={label}
      title={label}
      aria-expanded={isOpen}
      disabled={marked.size === 0}
      onClick={onClick}
    >
      {icon}
    </button>
  );
  const asking = (what: 'assign' | 'label') => () => setAsks(asks === what ? undefined : what);

  return (
    <div
      className="pl-bulk"
      role="group"
      aria-label={words.select}
      onKeyDown={onEscape(onDone)}
    >
      <div className="pl-list-line">
        <span role="status">{words.selected(marked.size)}</span>
        <button type="button" className="pl-button" data-variant="link" onClick={() => inbox.marks.set(list.get()?.ids ?? [])}>
          {words.selectAll}
        </button>
        <button type="button" className="pl-button" data-variant="icon" aria-label={words.selectDone} title={words.selectDone} onClick={onDone}>
          <Icon name="cross" />
        </button>
      </div>
      <div className="pl-bulk-actions">
        {view === 'closed' || view === 'archived'
          ? button(<AgentIcon name="reopen" />, words.reopen, () => run({ kind: 'reopen' }))
          : button(<Icon name="close" />, words.close, () => run({ kind: 'close' }))}
        {view === 'archived'
          ? button(<Icon name="inbox" />, words.unarchive, () => run({ kind: 'unarchive' }))
          : button(<Icon name="archive" />, words.archive, () => run({ kind: 'archive' }))}
        {button(<Icon name="agent" />, words.assign, asking('assign'), asks === 'assign')}
        {button(<AgentIcon name="label" />, words.label, asking('label'), asks === 'label')}
        {button(<Icon name="checks" />, words.markRead, () => run({ kind: 'read' }))}
        {button(<AgentIcon name="unread" />, words.markUnread, () => run({ kind: 'unread' }))}
      </div>
      {marked.size > 0 && asks === 'assign' && <AssignForm onAssign={(agentId, name) => run({ kind: 'assign', agentId }, name)} />}
      {marked.size > 0 && asks === 'label' && <LabelForm onLabel={(kind, label) => run({ kind, label }, label)} />}
    </div>
  );
}

function AssignForm({ onAssign }: { onAssign(id: string, name: string): void }) {
  const words = useAgentWords();
  const me = useMe();
  const all = useReadable(useDesk().agents) ?? [];
  const [chosen, setChosen] = useState<string>();
  const own = me && { id: me.sub, name: me.name ?? me.sub };
  const agents = own ? [own, ...all.filter(({ id }) => id !== own.id)] : all;
  const agent = agents.find(({ id }) => id === chosen) ?? agents[0];
  return (
    <form
      className="pl-bulk-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (agent !== undefined) onAssign(agent.id, agent.name);
      }}
    >
      <Select aria-label={words.filterAgent} value={agent?.id} onChange={(event) => setChosen(event.target.value)}>
        {agents.map(({ id, name }) => (
          <option key={id} value={id}>
            {id === own?.id ? words.filterMe : name}
          </option>
        ))}
      </Select>
      <button type="submit" className="pl-button" data-variant="outline">
        {words.assign}
      </button>
    </form>
  );
}

function LabelForm({ onLabel }: { onLabel(kind: 'label' | 'unlabel', label: string): void }) {
  const words = useAgentWords();
  const labels = useReadable(useDesk().labels) ?? [];
  const [text, setText] = useState('');
  const listId = useId();
  const label = text.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (label !== '') onLabel('label', label);
  };
  return (
    <form className="pl-bulk-form" onSubmit={submit}>
      <TextField label={words.label} value={text} maxLength={labelTextMax} list={listId} onChange={setText} />
      <datalist id={listId}>
        {labels.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </datalist>
      <button type="submit" className="pl-button" data-variant="outline" disabled={label === ''}>
        {words.labelAdd}
      </button>
      <button type="button" className="pl-button" disabled={!labels.includes(label)} onClick={() => onLabel('unlabel', label)}>
        {words.labelRemove}
      </button>
    </form>
  );
}
