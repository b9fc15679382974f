import { useMemo } from 'react';
import { agentStateOf } from '../agent-state.ts';
import { useParlor, type Parlor } from '../provider.tsx';
import type { AgentMessages } from '../text/agent-messages.ts';
import { changeAndSay, handlingOf, holding, run, type Handling } from './handling.ts';
import { lastOfUser } from './last-of-user.ts';
import { useAgentWords } from './use-agent-words.ts';

/** Everything an agent may do to one conversation, for buttons, keys and menus alike. A refusal is the page's error banner. */
export interface ConversationCommands extends Handling {
  assign(agent: { id: string; name: string }): void;
  /** Beside the others, also those that somebody puts on at the same time. */
  addLabel(label: string): void;
  removeLabel(label: string): void;
  /** From this message on; by default from the last one of the user. */
  markUnread(seq?: number): void;
  /** Nothing where the host gives no `messageHref`. */
  copyLink(seq?: number): void;
  copyText(text: string): void;
  downloadTranscript(format: 'text' | 'json'): void;
}

export function createConversationCommands(parlor: Parlor, words: AgentMessages, id: string): ConversationCommands {
  const { chat, messageHref } = parlor;
  const { notices } = agentStateOf(parlor);

  async function copy(text: string, done: string) {
    try {
      await navigator.clipboard.writeText(text);
      notices.say({ text: done });
    } catch {
      notices.say({ text: words.copyFailed });
    }
  }

  return {
    ...handlingOf(parlor, words, id),
    assign: (agent) => assign(parlor, words, id, agent),
    addLabel: (label) => run(chat.update(id, { addLabels: [label] })),
    removeLabel: (label) => run(chat.update(id, { removeLabels: [label] })),
    markUnread(seq) {
      const markFrom = (from: number) => {
        chat.markUnread(id, Math.max(0, from - 1));
        notices.say({ text: words.markedUnread, undo: () => chat.markRead(id) });
      };
      const place = seq ?? lastOfUser(chat, id);
      if (typeof place === 'number') markFrom(place);
      else void place.then(markFrom, () => notices.say({ text: words.notDone(1) }));
    },
    copyLink(seq = chat.conversation(id).get()?.messageCount ?? 0) {
      if (messageHref !== undefined) void copy(new URL(messageHref(id, seq), window.location.href).href, words.copiedLink);
    },
    copyText: (text) => void copy(text, words.copiedText),
    downloadTranscript: (format) => void download(parlor, words, id, format),
  };
}

function assign(parlor: Parlor, words: AgentMessages, id: string, agent: { id: string; name: string }) {
  const { chat } = parlor;
  const before = chat.conversation(id).get();
  if (before === undefined || (before.handler === 'agent' && before.assignee?.id === agent.id)) return;
  // Only from the holder that was seen: two people who assign at once do not overwrite one another.
  const seen = holding(before);
  changeAndSay(parlor, id, { assigneeId: agent.id, if: seen }, {
    text: words.assigned(agent.name),
    undo: () => run(chat.update(id, { ...seen, if: { handler: 'agent', assigneeId: agent.id } })),
  });
}

async function download(parlor: Parlor, words: AgentMessages, id: string, format: 'text' | 'json') {
  try {
    const file = await parlor.chat.transcript(id, { format });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = `conversation-${id}.${format === 'text' ? 'txt' : 'json'}`;
    link.click();
    // The download has its own hold on the bytes once it began.
    setTimeout(() => URL.revokeObjectURL(link.href), 0);
  } catch {
    agentStateOf(parlor).notices.say({ text: words.transcriptFailed });
  }
}

/** The same object while the conversation is: reading it renders nothing. */
export function useConversationCommands(id: string): ConversationCommands {
  const parlor = useParlor();
  const words = useAgentWords();
  return useMemo(() => createConversationCommands(parlor, words, id), [parlor, words, id]);
}
