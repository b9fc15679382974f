import { LiveChatError } from '@parlor/client';
import { useDesk, useParlor } from '@parlor/react';
import { useRef, useState } from 'react';
import { Confirm } from '../ui/confirm.tsx';
import { useAnswersWords } from './use-answers-words.ts';

export interface DeleteAnswerProps {
  id: string;
  name: string;
  /** As everybody has it now; 0 after somebody deleted it. */
  version: number;
  /** Something is on its way to the server. */
  isBusy: boolean;
  onBusy(isBusy: boolean): void;
  onDeleted(): void;
  /** Somebody else changed it after this was asked, and it stays. */
  onChanged(): void;
}

/** A button that asks first: a saved answer is everybody's. */
export function DeleteAnswer({ id, name, version, isBusy, onBusy, onDeleted, onChanged }: DeleteAnswerProps) {
  const { messages } = useParlor();
  const { deleteCannedAnswer } = useDesk();
  const words = useAnswersWords();
  const button = useRef<HTMLButtonElement>(null);
  /** The version the question is about. */
  const [asked, setAsked] = useState<number>();
  const [error, setError] = useState<string>();

  function leave() {
    setAsked(undefined);
    setError(undefined);
    button.current?.focus();
  }
  async function erase(seen: number) {
    onBusy(true);
    setError(undefined);
    try {
      await deleteCannedAnswer(id, { version: seen });
      onDeleted();
    } catch (failure) {
      const problem = failure instanceof LiveChatError ? failure : undefined;
      // Somebody else was faster.
      if (problem?.code === 'not-found') return onDeleted();
      onBusy(false);
      if (problem?.code === 'canned-answer-changed') {
        leave();
        return onChanged();
      }
      setError(words.notDeleted(problem ? messages.problem(problem.code, problem.message) : String(failure)));
    }
  }
  return (
    <>
      <button ref={button} type="button" className="pl-button" data-variant="outline" data-tone="destructive" onClick={() => setAsked(version)}>
        {words.delete}
      </button>
      {asked !== undefined && (
        <Confirm title={words.deleteTitle(name)} yes={isBusy ? words.deleting : words.deleteConfirm} no={words.cancel} isDisabled={isBusy} onYes={() => void erase(asked)} onClose={leave}>
          <p>{words.deleteBody}</p>
          {error !== undefined && (
            <p className="bad" role="alert">
              {error}
            </p>
          )}
        </Confirm>
      )}
    </>
  );
}
