import { useAct } from '../hooks/use-act.ts';
import { useDesk } from '../hooks/use-desk.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { labelTextMax } from '../limits.ts';
import type { BulkAction } from '../list/bulk.ts';
import { useParlor } from '../provider.tsx';
import { Chooser, type Choice } from './chooser.tsx';
import { useWords } from './words.ts';

export interface LabelDialogProps {
  /** One conversation, or all that are chosen. */
  ids: readonly string[];
  onClose(): void;
}

/** Puts a label on conversations, one in use or a new one, or takes one off. */
export function LabelDialog({ ids, onClose }: LabelDialogProps) {
  const { chat, inbox } = useParlor();
  const words = useWords();
  const act = useAct();
  const known = useReadable(useDesk().labels) ?? [];
  const rows = ids.flatMap((id) => chat.conversation(id).get() ?? []);
  const has = (label: string) => rows.filter(({ labels }) => labels.includes(label)).length;
  const used = [...new Set(rows.flatMap(({ labels }) => labels))].toSorted((a, b) => a.localeCompare(b));

  const choice = (kind: Extract<BulkAction, { label: string }>['kind'], label: string, text: string): Choice => ({
    id: `${kind}-${label}`,
    label: text,
    run() {
      if (ids.length > 1) inbox.marks.stop();
      act(ids, { kind, label }, label);
    },
  });
  const add = (label: string) => choice('label', label, words.putLabel(label));
  const groups = [
    { id: 'on', choices: used.map((label) => choice('unlabel', label, words.takeLabel(label))) },
    { id: 'off', choices: [...new Set([...known, ...used])].filter((label) => has(label) < rows.length).map(add) },
  ];
  return (
    <Chooser
      title={ids.length === 1 ? words.labelTitle(rows[0]?.user.name || words.visitor) : words.labelsOfMany(ids.length)}
      placeholder={words.labelPlaceholder}
      emptyText={words.labelNone}
      groups={groups}
      typed={(text) => (known.includes(text) || used.includes(text) ? undefined : choice('label', text, words.newLabel(text)))}
      typedMax={labelTextMax}
      onClose={onClose}
    />
  );
}
