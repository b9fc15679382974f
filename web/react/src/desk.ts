import type { LiveChat, Readable } from '@parlor/client';

/** Somebody who answers in this workspace. */
export interface Agent {
  readonly id: string;
  readonly name: string;
}

/** A text kept for answering, filled in where it is put. */
export interface CannedAnswer {
  readonly id: string;
  readonly shortcut: string;
  readonly text: string;
}

/** What agents share beside the conversations: `createDesk` of `@parlor/client/desk` makes one. */
export interface Desk {
  /** Each undefined until it is loaded, which watching it does. */
  readonly agents: Readable<readonly Agent[] | undefined>;
  readonly labels: Readable<readonly string[] | undefined>;
  readonly cannedAnswers: Readable<readonly CannedAnswer[] | undefined>;
}

/** What the team tells itself in a thread. Never in a visitor's view. */
export interface Note {
  readonly id: string;
  readonly conversationId: string;
  /** Stands behind the message with this seq. */
  readonly afterSeq: number;
  readonly author: { readonly kind: 'agent'; readonly id: string; readonly name?: string };
  readonly text: string;
  readonly at: Date;
}

/** What a client may do for agents. A client without one of these has no button for it. */
export interface AgentChat {
  notes(conversationId: string): Readable<readonly Note[]>;
  addNote(conversationId: string, text: string): Promise<Note>;
  deleteNote(conversationId: string, noteId: string): Promise<void>;
  /** Makes the loaded part of a thread the page around `seq`. */
  openAt(conversationId: string, seq: number): Promise<void>;
  transcript(conversationId: string, options: { format: 'text' | 'json'; notes?: boolean }): Promise<Blob>;
}

export const agentChat = (chat: LiveChat): LiveChat & Partial<AgentChat> => chat;
