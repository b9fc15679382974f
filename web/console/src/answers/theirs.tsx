import type { CannedAnswer } from '@parlor/client/desk';
import { useId, type Ref } from 'react';
import { nameOf } from './draft.ts';
import { useAnswersWords } from './use-answers-words.ts';

export interface TheirsProps {
  answer: CannedAnswer;
  /** Of the button that keeps mine. */
  keepMineRef: Ref<HTMLButtonElement>;
  onKeepMine(): void;
  onKeepTheirs(): void;
}

/** What somebody else made of the answer while it was being changed here: one of the two stays. */
export function Theirs({ answer, keepMineRef, onKeepMine, onKeepTheirs }: TheirsProps) {
  const words = useAnswersWords();
  const id = useId();
  return (
    <section className="answer-theirs" aria-labelledby={id}>
      <h2 id={id}>{words.theirs}</h2>
      <p dir="auto">
        <strong>{nameOf(answer.shortcut)}</strong>
      </p>
      <p className="answer-preview" dir="auto">
        {answer.text}
      </p>
      <div className="buttons">
        <button ref={keepMineRef} type="button" className="pl-button" data-variant="outline" onClick={onKeepMine}>
          {words.saveMine}
        </button>
        <button type="button" className="pl-button" data-variant="outline" onClick={onKeepTheirs}>
          {words.takeTheirs}
        </button>
      </div>
    </section>
  );
}
