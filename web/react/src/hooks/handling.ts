import type { ConversationChange, LiveChatConversation } from '@parlor/client';
import { agentStateOf } from '../agent-state.ts';
import type { Notice } from '../inbox.ts';
import type { Parlor } from '../provider.tsx';
import type { AgentMessages } from '../text/agent-messages.ts';

/** Who answers a conversation and whether it is over: what the buttons of a thread's header do. */
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

/** Shown at once and said with its way back; refused, nothing says any more that it was done. */
export function changeAndSay(parlor: Parlor, id: string, wanted: ConversationChange, notice: Notice): void {
  const { chat, inbox } = parlor;
  agentStateOf(parlor).notices.say(notice);
  chat.update(id, wanted).catch(() => {
    if (inbox.notice.get() === notice) inbox.notice.set(undefined);
  });
}

/** Who answers it, as a change says so and as its condition does. */
export function holding({ handler, assignee }: LiveChatConversation): Pick<ConversationChange, 'handler' | 'assigneeId'> {
  return handler === 'agent' && assignee !== undefined ? { assigneeId: assignee.id } : { handler };
}

/** What closes a reopened conversation again: only while nobody has taken it or given it away since. */
export function unreopen(row: LiveChatConversation): ConversationChange {
  return { ...(row.isArchived ? { isArchived: true } : { status: 'closed' }), if: { status: 'open', ...holding(row) } };
}

export function handlingOf(parlor: Parlor, words: AgentMessages, id: string): Handling {
  const { chat } = parlor;
  const { notices, question } = agentStateOf(parlor);
  const row = () => chat.conversation(id).get();
  function change(wanted: ConversationChange, text: string, back: ConversationChange) {
    const lastSaid = row()?.lastMessageAt.getTime();
    const undo = () => {
      // Nobody is closed out of what they have written into since.
      const isWrittenInto = back.if?.status === 'open' && row()?.lastMessageAt.getTime() !== lastSaid;
      if (isWrittenInto) notices.say({ text: words.notDone(1) });
      else run(chat.update(id, back));
    };
    changeAndSay(parlor, id, wanted, { text, undo });
  }
  // Taken back only while it is as the change has left it.
  const ifClosed = { if: { status: 'closed' } } as const;
  return {
    take() {
      const { handler, assignee } = row() ?? {};
      if (handler === 'agent' && assignee !== undefined && assignee.id !== chat.me.get()?.sub) question.set({ conversationId: id, holder: assignee });
      else run(chat.take(id));
    },
    giveBack: () => run(chat.giveBack(id)),
    close: () => change({ status: 'closed' }, words.doneClosed, { status: 'open', ...ifClosed }),
    reopen() {
      const before = row();
      if (before !== undefined) change({ status: 'open' }, words.doneReopened, unreopen(before));
    },
    archive: () => change({ isArchived: true }, words.doneArchived, { ...(row()?.status === 'open' ? { status: 'open' } : { isArchived: false }), ...ifClosed }),
    unarchive: () => change({ isArchived: false }, words.doneUnarchived, { isArchived: true, ...ifClosed }),
  };
}
