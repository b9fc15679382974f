import { LiveChatError } from '@parlor/client';
import type { CannedAnswer } from '@parlor/client/desk';
import { useDesk, useParlor } from '@parlor/react';
import { useEffect, useId, useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import { AnswerText } from './answer-text.tsx';
import { DeleteAnswer } from './delete-answer.tsx';
import { nameOf, shortcutOf, textCharsMax, wrongFields, type Draft } from './draft.ts';
import { Theirs } from './theirs.tsx';
import { useAnswersWords } from './use-answers-words.ts';

export interface AnswerFormProps {
  id: string;
  /** As it was when this began; undefined for a new one. */
  was: CannedAnswer | undefined;
  /** As everybody has it; undefined while it is new, or after somebody deleted it. */
  stored: CannedAnswer | undefined;
  others: readonly CannedAnswer[];
  /** Told whether there is something to lose. */
  onDirtyChange(isDirty: boolean): void;
  onCancel(): void;
  onSaved(shortcut: string): void;
  onDeleted(shortcut: string): void;
}

const draftOf = ({ shortcut, text }: Draft = { shortcut: '', text: '' }): Draft => ({ shortcut, text });
const same = (a: Draft, b: Draft) => a.shortcut === b.shortcut && a.text === b.text;

/** Writes a saved answer, a new one or in the place of one there is. */
export function AnswerForm({ id, was, stored, others, onDirtyChange, onCancel, onSaved, onDeleted }: AnswerFormProps) {
  const { messages } = useParlor();
  const { putCannedAnswer } = useDesk();
  const words = useAnswersWords();
  const form = useRef<HTMLFormElement>(null);
  const keepMineButton = useRef<HTMLButtonElement>(null);
  const saveButton = useRef<HTMLButtonElement>(null);
  const fieldId = useId();
  /** What it was made from. */
  const [base, setBase] = useState(() => draftOf(was));
  const [draft, setDraft] = useState(base);
  /** In vain. */
  const [tries, setTries] = useState(0);
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const [error, setError] = useState<string>();
  /** What was refused because somebody else was faster. */
  const [late, setLate] = useState<'save' | 'delete'>();
  const [isBusy, setBusy] = useState(false);
  const isDirty = !same(draft, base);
  const isStale = !isBusy && !same(draftOf(stored), base);
  const staleWords = isStale && !stored ? words.deletedMeanwhile : words.changedMeanwhile;
  // Who has written nothing yet goes on from what is there now.
  if (isStale && !isDirty && stored) takeTheirs(stored, late === 'delete' ? late : undefined);
  const mayChoose = isStale && stored !== undefined;
  const wrong = wrongFields(draft, others);
  const wrongWords = (field: keyof Draft) => {
    const why = wrong.get(field);
    return why === 'textWrong' ? words.textWrong(textCharsMax) : why && words[why];
  };
  const errorOf = (field: keyof Draft) => refused.get(`/${field}`) ?? (tries > 0 ? wrongWords(field) : undefined);

  useEffect(() => onDirtyChange(isDirty), [isDirty, onDirtyChange]);
  // The first field that is wrong, once it is marked; at the beginning the first one. The button that was pressed may be gone.
  useEffect(() => {
    const first = (what: string) => form.current?.querySelector<HTMLElement>(what);
    const isLost = !form.current?.contains(document.activeElement);
    (first(tries > 0 ? '[aria-invalid="true"]' : 'input') ?? (isLost ? first('[type="submit"]') : undefined))?.focus();
  }, [tries]);

  function takeTheirs(theirs: CannedAnswer, stillLate?: typeof late) {
    setBase(draftOf(theirs));
    setDraft(draftOf(theirs));
    setLate(stillLate);
  }
  function keepTheirs(theirs: CannedAnswer) {
    takeTheirs(theirs);
    setError(undefined);
    form.current?.querySelector('textarea')?.focus();
  }
  function edit(change: Partial<Draft>) {
    setDraft({ ...draft, ...change });
    setRefused(new Map());
    setError(undefined);
    setLate(undefined);
  }
  function lateWords(): string {
    if (late === 'delete') return words.notDeleted(isStale ? staleWords : words.changedUnread);
    return words.notSaved(isStale ? staleWords : words.changedUnseen);
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    // Beside theirs one chooses, and is led there.
    if (mayChoose) return keepMineButton.current?.focus();
    void save();
  }
  function keepMine() {
    // The choice goes while it is being saved.
    saveButton.current?.focus();
    void save();
  }
  async function save() {
    if (isBusy) return;
    if (wrong.size > 0) return setTries(tries + 1);
    const shortcut = shortcutOf(draft.shortcut);
    setBusy(true);
    setError(undefined);
    setLate(undefined);
    try {
      // Over what is to be seen here, and nothing else.
      await putCannedAnswer(id, { shortcut, text: draft.text, version: stored?.version ?? 0 });
      onSaved(shortcut);
    } catch (failure) {
      const problem = failure instanceof LiveChatError ? failure : undefined;
      const fields = new Map(problem?.errors?.map(({ pointer, detail }) => [pointer, detail]));
      setRefused(fields);
      if (problem?.code === 'canned-answer-changed') setLate('save');
      else setError(words.notSaved(fields.get('') ?? (problem ? messages.problem(problem.code, problem.message) : String(failure))));
      setBusy(false);
      setTries(tries + 1);
    }
  }
  function onKeyDown(event: KeyboardEvent) {
    // In the question before a deletion it only leaves the question.
    const isAsked = (event.target as Element).closest('dialog') !== null;
    if (event.key !== 'Escape' || event.nativeEvent.isComposing || isBusy || isAsked) return;
    event.preventDefault();
    onCancel();
  }

  const shortcutError = errorOf('shortcut');
  return (
    // Escape leaves it from every field.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form ref={form} className="answer-form" noValidate aria-label={was ? words.editTitle(nameOf(was.shortcut)) : words.addTitle} onSubmit={submit} onKeyDown={onKeyDown}>
      <div className="answer-field">
        <label htmlFor={fieldId}>{words.shortcut}</label>
        <p id={`${fieldId}-hint`}>{words.shortcutHint}</p>
        <input
          id={fieldId}
          className="entry"
          dir="auto"
          value={draft.shortcut}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={shortcutError !== undefined}
          aria-describedby={`${fieldId}-hint${shortcutError === undefined ? '' : ` ${fieldId}-error`}`}
          onChange={(event) => edit({ shortcut: event.target.value })}
        />
        {shortcutError !== undefined && <p id={`${fieldId}-error`} className="bad">{shortcutError}</p>}
      </div>
      <AnswerText text={draft.text} error={errorOf('text')} onChange={(text) => edit({ text })} />
      <div role="status">{isStale && !late && <p id={`${fieldId}-stale`} className="bad">{staleWords}</p>}</div>
      {(late || error !== undefined) && (
        <p id={late && `${fieldId}-stale`} className="bad" role="alert">
          {late ? lateWords() : error}
        </p>
      )}
      {mayChoose && <Theirs answer={stored} keepMineRef={keepMineButton} onKeepMine={keepMine} onKeepTheirs={() => keepTheirs(stored)} />}
      <div className="buttons">
        <button
          ref={saveButton}
          type="submit"
          className="pl-button"
          data-variant="primary"
          aria-disabled={isBusy || mayChoose || undefined}
          aria-describedby={isStale ? `${fieldId}-stale` : undefined}
        >
          {words.save}
        </button>
        <button type="button" className="pl-button" data-variant="outline" onClick={onCancel}>
          {words.cancel}
        </button>
        {was && (
          <DeleteAnswer
            id={id}
            name={nameOf(was.shortcut)}
            version={stored?.version ?? 0}
            isBusy={isBusy}
            onBusy={setBusy}
            onDeleted={() => onDeleted(was.shortcut)}
            onChanged={() => setLate('delete')}
          />
        )}
      </div>
    </form>
  );
}
