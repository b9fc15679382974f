import type { CannedAnswer } from '@parlor/client/desk';
import { useEffect, useRef, useState } from 'react';
import { newId } from '../ui/new-id.ts';
import { AnswerForm } from './answer-form.tsx';
import { found, nameOf } from './draft.ts';
import { useAnswersWords } from './use-answers-words.ts';

export interface AnswerListProps {
  answers: readonly CannedAnswer[];
  onDirtyChange(isDirty: boolean): void;
  /** Asks, where something would be lost. */
  mayLeave(): boolean;
}

interface Open {
  id: string;
  /** As it was then; undefined for a new one. */
  was: CannedAnswer | undefined;
}

/** Every saved answer, one of them open to be changed. */
export function AnswerList({ answers, onDirtyChange, mayLeave }: AnswerListProps) {
  const words = useAnswersWords();
  const list = useRef<HTMLDivElement>(null);
  const goOnAt = useRef<string>(undefined);
  const [query, setQuery] = useState('');
  const [opened, setOpened] = useState<Open>();
  const [said, setSaid] = useState('');
  const matching = new Set(found(answers, query));
  const rows = withOpened(answers, opened).filter((answer) => answer.id === opened?.id || matching.has(answer));

  function open(next: Open) {
    if (!mayLeave()) return;
    setSaid('');
    setOpened(next);
  }
  function close(text: string, to = '') {
    onDirtyChange(false);
    setOpened(undefined);
    setSaid(text);
    goOnAt.current = to;
  }
  // Once form and question are gone the focus goes where they were opened from, or to what makes the next one.
  useEffect(() => {
    const to = goOnAt.current;
    if (opened || to === undefined) return;
    goOnAt.current = undefined;
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('[data-answer]') ?? [])];
    (buttons.find(({ dataset }) => dataset['answer'] === to) ?? buttons[0])?.focus();
  }, [opened, goOnAt]);
  const form = ({ id, was }: Open) => (
    <AnswerForm
      key={id}
      id={id}
      was={was}
      stored={answers.find((each) => each.id === id)}
      others={answers.filter((other) => other.id !== id)}
      onDirtyChange={onDirtyChange}
      onCancel={() => mayLeave() && close('', id)}
      onSaved={(shortcut) => {
        // It is to be seen, whatever was searched for.
        setQuery('');
        close(words.saved(nameOf(shortcut)), id);
      }}
      onDeleted={(shortcut) => close(words.deleted(nameOf(shortcut)))}
    />
  );

  return (
    <div ref={list} className="answers">
      <div className="answers-tools">
        <input type="search" className="entry" value={query} aria-label={words.search} placeholder={words.search} onChange={(event) => setQuery(event.target.value)} />
        <button type="button" className="pl-button" data-variant="primary" data-answer="" onClick={() => open({ id: newId(), was: undefined })}>
          {words.add}
        </button>
      </div>
      <p role="status">{said}</p>
      {opened && !opened.was && <section className="card">{form(opened)}</section>}
      <p className="intro" role="status">
        {answers.length === 0 ? words.none : words.found(matching.size)}
      </p>
      {rows.length > 0 && (
        <ul className="card">
          {rows.map((answer) => (
            <li key={answer.id}>
              <button
                type="button"
                className="answer"
                data-answer={answer.id}
                aria-expanded={answer.id === opened?.id}
                onClick={() => (answer.id === opened?.id ? mayLeave() && close('', answer.id) : open({ id: answer.id, was: answer }))}
              >
                <strong dir="auto">{nameOf(answer.shortcut)}</strong> <span dir="auto">{answer.text}</span>
              </button>
              {answer.id === opened?.id && form(opened)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The one that is being changed stays where it was, whoever deletes it; a new one has its place above until it is saved. */
function withOpened(answers: readonly CannedAnswer[], opened: Open | undefined): readonly CannedAnswer[] {
  if (!opened) return answers;
  const { id, was } = opened;
  if (!was) return answers.filter((answer) => answer.id !== id);
  if (answers.some((answer) => answer.id === id)) return answers;
  return [...answers, was].toSorted((a, b) => a.shortcut.localeCompare(b.shortcut));
}
