import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Icon } from '../icons.tsx';
import { closeDialog, Dialog } from './dialog.tsx';
import { keyCaps } from './keys.ts';
import { useWords } from './words.ts';

export interface Choice {
  id: string;
  label: string;
  /** More words to find it by. */
  keywords?: string | undefined;
  /** Shown at the end of its line. */
  hint?: string | undefined;
  key?: string | undefined;
  isDisabled?: boolean | undefined;
  run(): void;
}

export interface ChoiceGroup {
  id: string;
  label?: string | undefined;
  choices: readonly Choice[];
}

export interface ChooserProps {
  title: string;
  placeholder: string;
  emptyText: string;
  groups: readonly ChoiceGroup[];
  /** A choice made of what was typed, at the end; undefined where there is none. */
  typed?(text: string): Choice | undefined;
  /** The longest text that may be typed. */
  typedMax?: number;
  /** Under the choices. A form of the method `dialog` closes it. */
  footer?: ReactNode;
  onClose(): void;
}

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** Whether every word that was typed begins or is part of what describes a choice. */
function matches(query: string, { label, keywords = '' }: Choice): boolean {
  const text = plain(`${label} ${keywords}`);
  return plain(query).split(/\s+/u).every((word) => text.includes(word));
}

/** A list to choose from by typing: arrows move, Enter chooses, Escape leaves. */
export function Chooser(props: ChooserProps) {
  const { title, placeholder, emptyText, typed, typedMax, footer, onClose } = props;
  const { found } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const listId = useId();
  const [query, setQuery] = useState('');
  const [activeId, setActiveId] = useState<string>();
  const own = query.trim() === '' ? undefined : typed?.(query.trim());
  const shown = useShown(props.groups, query, own);
  const choices = shown.flatMap((group) => group.choices).filter((each) => each.isDisabled !== true);
  const active = choices.find((each) => each.id === activeId) ?? choices[0];
  const optionId = (id: string) => `${listId}-${id}`;
  const activeOption = active && optionId(active.id);

  useEffect(() => {
    if (activeOption !== undefined) document.getElementById(activeOption)?.scrollIntoView?.({ block: 'nearest' });
  }, [activeOption]);

  function choose(choice: Choice | undefined) {
    if (choice === undefined || choice.isDisabled) return;
    closeDialog(dialog.current);
    choice.run();
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const last = choices.length - 1;
    const at = active === undefined ? -1 : choices.indexOf(active);
    const target: Record<string, number> = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, PageDown: last, PageUp: 0 };
    const to = target[event.key];
    if (event.key !== 'Enter' && to === undefined) return;
    event.preventDefault();
    if (to === undefined) choose(active);
    else setActiveId(choices[to]?.id);
  }

  return (
    <Dialog ref={dialog} label={title} kind="palette" onClose={onClose}>
      <div className="pl-search">
        <Icon name="search" />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={activeOption}
          aria-autocomplete="list"
          aria-label={title}
          placeholder={placeholder}
          autoComplete="off"
          spellCheck={false}
          maxLength={typedMax}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setActiveId(undefined);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={listId} className="pl-choices" role="listbox" aria-label={title}>
        {shown.map((group) => (
          <div key={group.id} role="group" aria-label={group.label}>
            {group.label !== undefined && <div className="pl-choices-title" aria-hidden="true">{group.label}</div>}
            {group.choices.map((choice) => (
              <Option
                key={choice.id}
                id={optionId(choice.id)}
                choice={choice}
                isActive={choice === active}
                onPoint={() => setActiveId(choice.id)}
                onChoose={() => choose(choice)}
              />
            ))}
          </div>
        ))}
      </div>
      {shown.length === 0 && <p className="pl-choices-empty">{emptyText}</p>}
      <div className="pl-hidden" role="status">
        {query !== '' && found(choices.length)}
      </div>
      {footer}
    </Dialog>
  );
}

function useShown(groups: readonly ChoiceGroup[], query: string, own: Choice | undefined): readonly ChoiceGroup[] {
  const matching = useMemo(
    () => groups.map((group) => ({ ...group, choices: group.choices.filter((each) => matches(query, each)) })).filter((group) => group.choices.length > 0),
    [groups, query],
  );
  return own === undefined ? matching : [...matching, { id: 'typed', choices: [own] }];
}

interface OptionProps {
  id: string;
  choice: Choice;
  isActive: boolean;
  onPoint(): void;
  onChoose(): void;
}

function Option({ id, choice, isActive, onPoint, onChoose }: OptionProps) {
  return (
    // The field has the focus and the keys; this is for the pointer.
    <button
      id={id}
      type="button"
      role="option"
      tabIndex={-1}
      className="pl-choice"
      aria-selected={isActive}
      aria-disabled={choice.isDisabled}
      onPointerMove={onPoint}
      onClick={onChoose}
    >
      <bdi>{choice.label}</bdi>
      {choice.hint !== undefined && <small>{choice.hint}</small>}
      {choice.key !== undefined && <Keys of={choice.key} />}
    </button>
  );
}

export function Keys({ of: key }: { of: string }) {
  return (
    <span className="pl-keys" dir="ltr">
      {keyCaps(key).map((cap) => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </span>
  );
}
