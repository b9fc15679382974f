import { agentStateOf } from '../agent-state.ts';
import type { Parlor } from '../provider.tsx';
import type { AgentMessages } from '../text/agent-messages.ts';
import { run } from './handling.ts';

/** What keeps time from acting on a conversation, and lets it again. */
export interface Keeping {
  hold(isHeld: boolean): void;
  /** Ends a snooze. */
  wake(): void;
}

export function keepingOf(parlor: Parlor, words: AgentMessages, id: string): Keeping {
  const { chat } = parlor;
  const { notices } = agentStateOf(parlor);
  return {
    hold(hold) {
      run(chat.update(id, { hold }));
      notices.say({ text: hold ? words.doneHeld : words.doneUnheld, undo: () => run(chat.update(id, { hold: !hold })) });
    },
    wake() {
      const before = chat.conversation(id).get()?.snoozedUntil;
      run(chat.update(id, { snoozedUntil: null }));
      notices.say({ text: words.doneWoken, undo: before && (() => run(chat.update(id, { snoozedUntil: before }))) });
    },
  };
}
