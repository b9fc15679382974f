import { LiveChatError } from '@parlor/client';
import type { DryRun } from '@parlor/client/desk';
import { useEffect, useRef, useState } from 'react';
import { agentStateOf } from '../agent-state.ts';
import { useConversation } from '../hooks/narrow.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useDesk } from '../hooks/use-desk.ts';
import { useParlor } from '../provider.tsx';
import { closeDialog, Dialog } from './dialog.tsx';

/** Says what would be gone before it is. */
export function DeleteDialog({ id, onClose }: { id: string; onClose(): void }) {
  const parlor = useParlor();
  const { chat, inbox } = parlor;
  const { erasure } = useDesk();
  const words = useAgentWords();
  const conversation = useConversation(id);
  const dialog = useRef<HTMLDialogElement>(null);
  const [count, setCount] = useState<DryRun>();
  const [error, setError] = useState<string>();
  const [isDoing, setDoing] = useState(false);
  // Its name stays while it goes.
  const [name] = useState(() => conversation?.user.name || words.visitor);
  const told = (failure: unknown) => setError(failure instanceof LiveChatError ? words.problem(failure.code, failure.message) : String(failure));

  useEffect(() => {
    let isWanted = true;
    erasure.countConversation(id).then(
      (found) => isWanted && setCount(found),
      (failure: unknown) => isWanted && told(failure),
    );
    return () => {
      isWanted = false;
    };
    // The words do not change under a dialog.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [erasure, id]);

  async function erase() {
    if (isDoing || count === undefined) return;
    setDoing(true);
    setError(undefined);
    try {
      await erasure.eraseConversation(id);
    } catch (failure) {
      told(failure);
      return setDoing(false);
    }
    closeDialog(dialog.current);
    if (inbox.get().selectedConversationId === id) inbox.select(undefined);
    agentStateOf({ inbox }).notices.say({ text: words.erased });
    void chat.refresh();
  }

  const title = words.eraseTitle(name);
  return (
    <Dialog ref={dialog} label={title} kind="confirm" onClose={onClose}>
      <h2>{title}</h2>
      <p role="status">{count === undefined ? error === undefined && words.eraseCounting : words.eraseCount(count.messages, count.notes)}</p>
      <p className="pl-muted">{words.eraseFinal}</p>
      {error !== undefined && (
        <p className="pl-confirm-error" role="alert">
          {words.failed(error)}
        </p>
      )}
      <footer>
        <button type="button" className="pl-button" data-variant="outline" onClick={() => closeDialog(dialog.current)}>
          {words.cancel}
        </button>
        <button type="button" className="pl-button" data-variant="destructive" aria-disabled={count === undefined || isDoing} onClick={() => void erase()}>
          {words.eraseConfirm}
        </button>
      </footer>
    </Dialog>
  );
}
