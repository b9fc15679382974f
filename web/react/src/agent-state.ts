import type { Assignee } from '@parlor/client';
import { createCell, type Cell } from './cell.ts';
import type { InboxStore } from './inbox.ts';
import { createNotices, type Notices } from './notices.ts';
import { useParlor, type Parlor } from './provider.tsx';

/** Whether to take a conversation out of somebody's hands. */
export interface Question {
  conversationId: string;
  holder: Assignee;
}

/** What the parts for agents share under one provider, which itself knows nothing of them: they come later, or never. */
export interface AgentState {
  /** What was just done, with its way back. */
  notices: Notices;
  /** What has to be agreed to first. */
  question: Cell<Question | undefined>;
  /** Notes that are gone as soon as there is no way back any more. */
  hiddenNotes: Cell<ReadonlySet<string>>;
}

const states = new WeakMap<InboxStore, AgentState>();

export function agentStateOf({ inbox }: Pick<Parlor, 'inbox'>): AgentState {
  let state = states.get(inbox);
  if (state === undefined) {
    state = { notices: createNotices(inbox), question: createCell<Question | undefined>(undefined), hiddenNotes: createCell<ReadonlySet<string>>(new Set()) };
    states.set(inbox, state);
  }
  return state;
}

export const useAgentState = (): AgentState => agentStateOf(useParlor());
