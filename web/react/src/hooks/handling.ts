import type { ConversationChange } from '@parlor/client';
import type { Parlor } from '../provider.tsx';

/** Who answers a conversation and whether it is over: what must be there with the first button. */
export interface Handling {
  /** Answers it oneself. Held by somebody else it asks first. */
  take(): void;
  giveBack(): void;
  close(): void;
  reopen(): void;
  archive(): void;
  unarchive(): void;
}

// The client has taken it back and keeps the error for the page's banner.
export const run = (action: Promise<unknown>) => void action.catch(() => undefined);

/** Each is shown at once and said with its way back. */
export function handlingOf({ chat, messages, notices, question }: Parlor, id: string): Handling {
  const row = () => chat.conversation(id).get();
  function change(wanted: ConversationChange, text: string, back: ConversationChange) {
    run(chat.update(id, wanted));
    notices.say({ text, undo: () => run(chat.update(id, back)) });
  }
  return {
    take() {
      const { handler, assignee } = row() ?? {};
      if (handler === 'agent' && assignee !== undefined && assignee.id !== chat.me.get()?.sub) question.set({ conversationId: id, holder: assignee });
      else run(chat.take(id));
    },
    giveBack: () => run(chat.giveBack(id)),
    close: () => change({ status: 'closed' }, messages.doneClosed, { status: 'open' }),
    reopen: () => change({ status: 'open' }, messages.doneReopened, row()?.isArchived ? { isArchived: true } : { status: 'closed' }),
    archive: () => change({ isArchived: true }, messages.doneArchived, row()?.status === 'open' ? { status: 'open' } : { isArchived: false }),
    unarchive: () => change({ isArchived: false }, messages.doneUnarchived, { isArchived: true }),
  };
}
