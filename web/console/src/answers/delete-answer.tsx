import { LiveChatError } from '@parlor/client';
import { useDesk, useParlor } from '@parlor/react';
import { useRef, useState } from 'react';
import { Confirm } from '../ui/confirm.tsx';
import { useAnswersWords } from './use-answers-words.ts';

export interface DeleteAnswerProps {
  id: string;
  name: string;
  /** Something is on its way to the server. */
  isBusy: boolean;
  onBusy(isBusy: boolean): void;
  onDeleted(): void;
}

/** A button that asks first: a saved answer is everybody's. */
export function DeleteAnswer({ id, name, isBusy, onBusy, onDeleted }: DeleteAnswerProps) {
  const { messages } = useParlor();
  const { deleteCannedAnswer } = useDesk();
  const words = useAnswersWords();
  const button = useRef<HTMLButtonElement>(null);
  const [isAsked, setAsked] = useState(false);
  const [error, setError] = useState<string>();

  function leave() {
    setAsked(false);
    setError(undefined);
    button.current?.focus();
  }
  async function erase() {
    onBusy(true);
    setError(undefined);
    try {
      await deleteCannedAnswer(id);
      onDeleted();
    } catch (failure) {
      const problem = failure instanceof LiveChatError ? failure : undefined;
      // Somebody else was faster.
      if (problem?.code === 'not-found') return onDeleted();
      setError(words.notDeleted(problem ? messages.problem(problem.code, problem.message) : String(failure)));
      onBusy(false);
    }
  }
  return (
    <>
      <button ref={button} type="button" className="pl-button" data-variant="outline" data-tone="destructive" onClick={() => setAsked(true)}>
        {words.delete}
      </button>
      {isAsked && (
        <Confirm title={words.deleteTitle(name)} yes={isBusy ? words.deleting : words.deleteConfirm} no={words.cancel} isDisabled={isBusy} onYes={() => void erase()} onClose={leave}>
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
