import { useInboxView } from '../hooks/narrow.ts';
import { useDesk } from '../hooks/use-desk.ts';
import { useReadable } from '../hooks/use-readable.ts';
import type { Filters } from '../inbox.ts';
import { useFunnelNames } from '../list/use-funnel-names.ts';
import { useParlor } from '../provider.tsx';
import { Chooser, type ChoiceGroup } from './chooser.tsx';
import { useWords } from './words.ts';

/** What narrows the list, for the keyboard: each filter with its choices, the one in force among them. */
export function FilterDialog({ onClose }: { onClose(): void }) {
  const { inbox } = useParlor();
  const words = useWords();
  const { filters } = useInboxView();
  const desk = useDesk();
  const funnels = useFunnelNames();
  const agents = useReadable(desk.agents) ?? [];
  const labels = useReadable(desk.labels) ?? [];

  function group(id: 'funnelId' | 'handler' | 'assignee' | 'label', label: string, options: readonly (readonly [value: string, name: string])[]): ChoiceGroup {
    const isAny = filters[id] === undefined;
    const choice = (value: string | undefined, name: string) => ({
      id: `${id}-${value ?? ''}`, label: `${label}: ${name}`, isDisabled: filters[id] === value,
      run: () => inbox.setFilters({ [id]: value } as Partial<Filters>),
    });
    const choices = options.map(([value, name]) => choice(value, name));
    return { id, label, choices: isAny ? choices : [choice(undefined, words.filterAny), ...choices] };
  }
  const { unread } = filters;
  const toggleUnread = { id: 'unread', label: unread ? `${words.filterUnread}: ${words.filterAny}` : words.filterUnread, run: () => inbox.setFilters({ unread: unread ? undefined : true }) };
  return (
    <Chooser
      title={words.filterTitle}
      placeholder={words.filterPlaceholder}
      emptyText={words.filterNone}
      groups={[
        group('funnelId', words.filterFunnel, funnels),
        group('handler', words.filterHandler, [['bot', words.handlerBot], ['queue', words.handlerQueue], ['agent', words.handlerAnyAgent]]),
        group('assignee', words.filterAgent, [['me', words.filterMe], ...agents.map(({ id, name }) => [id, name] as const)]),
        group('label', words.filterLabel, labels.map((label) => [label, label])),
        { id: 'unread', choices: [toggleUnread] },
      ]}
      onClose={onClose}
    />
  );
}
