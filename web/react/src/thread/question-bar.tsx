import { useEffect, useRef } from 'react';
import { useAgentState, type Question } from '../agent-state.ts';
import { run } from '../hooks/handling.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';

export interface QuestionBarProps {
  conversationId: string;
}

/** Asks before something is taken out of somebody's hands. */
export function QuestionBar({ conversationId }: QuestionBarProps) {
  const { question } = useAgentState();
  const asked = useReadable(question);
  // One about a conversation that is left does not wait there for the return.
  useEffect(
    () => () => {
      if (question.get()?.conversationId === conversationId) question.set(undefined);
    },
    [question, conversationId],
  );
  return asked?.conversationId === conversationId ? <Asked {...asked} /> : null;
}

/** The focus comes here and goes back where it was. */
function Asked({ conversationId, holder }: Question) {
  const { chat } = useParlor();
  const { question } = useAgentState();
  const words = useAgentWords();
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    yes.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);

  const text = words.takeOverAsk(holder.name);
  const close = () => question.set(undefined);
  return (
    <div
      className="pl-banner"
      data-kind="question"
      role="alertdialog"
      aria-label={text}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        close();
      }}
    >
      <Icon name="agent" />
      <span>{text}</span>
      <button
        ref={yes}
        type="button"
        className="pl-button"
        data-variant="primary"
        onClick={() => {
          close();
          run(chat.take(conversationId, holder.id));
        }}
      >
        {words.takeOver}
      </button>
      <button type="button" className="pl-button" data-variant="outline" onClick={close}>
        {words.cancel}
      </button>
    </div>
  );
}
