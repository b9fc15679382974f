import type { LiveChatConversation } from '@parlor/client';
import { useId, useRef, useState, type ChangeEvent, type KeyboardEvent } from 'react';
import { useConversationCommands } from '../hooks/conversation-commands.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useConversationPart } from '../hooks/use-picked.ts';
import { useOptionalReadable } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { labelsMax, labelTextMax } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { Section } from './section.tsx';

const none: readonly string[] = [];
const labelsOf = ({ labels }: LiveChatConversation) => labels;

/** The labels of a conversation: those in use elsewhere are offered while typing. */
export function LabelsEditor({ id }: { id: string }) {
  const labels = useConversationPart(id, labelsOf) ?? none;
  const { desk } = useParlor();
  const words = useAgentWords();
  const commands = useConversationCommands(id);
  const known = useOptionalReadable(desk?.labels) ?? [];
  const listId = useId();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const isFull = labels.length >= labelsMax;

  function add(value: string) {
    const label = value.trim();
    setText('');
    if (label !== '' && !labels.includes(label)) commands.addLabel(label);
  }
  function remove(label: string) {
    commands.removeLabel(label);
    // Its button goes with it.
    field.current?.focus();
  }
  function onChange({ target: { value }, nativeEvent }: ChangeEvent<HTMLInputElement>) {
    // Browsers tell a choice from the list by this kind of input, or by none; a label that was typed may go on.
    const { inputType = 'insertReplacementText' } = nativeEvent as Partial<InputEvent>;
    if (inputType === 'insertReplacementText' && known.includes(value)) add(value);
    else setText(value);
  }
  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.nativeEvent.isComposing) return;
    const last = labels[labels.length - 1];
    if (event.key === 'Enter' || event.key === ',') add(text);
    else if (event.key === 'Backspace' && text === '' && last !== undefined) remove(last);
    else if (event.key === 'Escape' && text !== '') setText('');
    else return;
    event.preventDefault();
  }

  return (
    <Section title={words.labels}>
      {labels.length > 0 && (
        <ul className="pl-labels">
          {labels.map((label) => (
            <li key={label}>
              <bdi>{label}</bdi>
              <button type="button" className="pl-button" data-variant="icon" aria-label={words.removeLabel(label)} onClick={() => remove(label)}>
                <Icon name="cross" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        ref={field}
        className="pl-field"
        type="text"
        list={listId}
        value={text}
        maxLength={labelTextMax}
        disabled={isFull}
        aria-label={words.addLabel}
        placeholder={words.addLabel}
        enterKeyHint="done"
        autoComplete="off"
        onChange={onChange}
        onKeyDown={onKeyDown}
      />
      <datalist id={listId}>
        {known
          .filter((label) => !labels.includes(label))
          .map((label) => (
            <option key={label}>{label}</option>
          ))}
      </datalist>
      {isFull && <p className="pl-muted">{words.labelsFull(labelsMax)}</p>}
    </Section>
  );
}
