import { useEffect, useImperativeHandle, useMemo, useState, type KeyboardEvent, type Ref } from 'react';
import type { CannedAnswer, Desk } from '../desk.ts';
import { useConversation, useMe } from '../hooks/narrow.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { cannedShownMax } from '../limits.ts';
import { fillVariables } from '../text/variables.ts';

export interface CannedAnswersProps {
  desk: Desk;
  conversationId: string;
  /** What was typed behind the slash. */
  query: string;
  listId: string;
  /** The chosen one, filled in. */
  onPick(text: string): void;
  /** Which option is the chosen one, for the field's `aria-activedescendant`. */
  onActive(id: string | undefined): void;
  ref?: Ref<{ onKey(event: KeyboardEvent): boolean }>;
}

/** Those whose shortcut begins with it first, then those that hold it anywhere. */
export function matchAnswers(answers: readonly CannedAnswer[], query: string): readonly CannedAnswer[] {
  const wanted = query.trim().toLocaleLowerCase();
  const rank = ({ shortcut, text }: CannedAnswer) => {
    const name = shortcut.replace(/^\//, '').toLocaleLowerCase();
    if (name.startsWith(wanted)) return 0;
    return name.includes(wanted) ? 1 : text.toLocaleLowerCase().includes(wanted) ? 2 : 3;
  };
  return answers
    .map((answer) => ({ answer, rank: rank(answer) }))
    .filter((each) => each.rank < 3)
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, cannedShownMax)
    .map(({ answer }) => answer);
}

/** The saved answers that fit what was typed. The focus stays in the field, whose keys it gets. */
export function CannedAnswers({ desk, conversationId, query, listId, onPick, onActive, ref }: CannedAnswersProps) {
  const words = useAgentWords();
  const conversation = useConversation(conversationId);
  const me = useMe();
  const answers = useReadable(desk.cannedAnswers);
  const found = useMemo(() => matchAnswers(answers ?? [], query), [answers, query]);
  const [active, setActive] = useState(0);
  const at = Math.min(active, Math.max(0, found.length - 1));
  const current = found[at];
  const idOf = (answer: CannedAnswer) => `${listId}-${answer.id}`;
  const activeId = current && idOf(current);
  const pick = (answer: CannedAnswer) => onPick(fillVariables(answer.text, conversation, me));
  useEffect(() => onActive(activeId), [onActive, activeId]);

  useImperativeHandle(ref, () => ({
    onKey(event) {
      // With Shift they are the field's: a line break, the way back, a selection.
      if (event.shiftKey) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (current === undefined) {
        // The customer would get the shortcut itself.
        if (answers !== undefined || event.key !== 'Enter') return false;
      } else if (step !== undefined) setActive((at + step + found.length) % found.length);
      else if (event.key === 'Enter' || event.key === 'Tab') pick(current);
      else return false;
      event.preventDefault();
      return true;
    },
  }));

  if (answers === undefined) {
    return (
      <div className="pl-canned">
        <p role="status">{words.cannedLoading}</p>
      </div>
    );
  }
  return (
    <div className="pl-canned">
      <div className="pl-hidden" role="status">
        {words.cannedCount(found.length)}
      </div>
      {found.length === 0 && <p aria-hidden="true">{words.cannedCount(0)}</p>}
      <div id={listId} role="listbox" aria-label={words.canned}>
        {found.map((answer) => (
          // Focus and keys are those of the field.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={answer.id}
            id={idOf(answer)}
            role="option"
            aria-selected={answer === current}
            // The field keeps the focus and what is typed.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => pick(answer)}
          >
            <strong>/{answer.shortcut.replace(/^\//, '')}</strong>
            <span dir="auto">{answer.text}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
