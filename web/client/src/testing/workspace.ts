import type { Topic } from '../protocol/events.js';
import type * as wire from '../protocol/schema.js';
import type { Clock } from '../transport/clock.js';

/** Who asks. */
export interface Principal {
  role: wire.Role;
  sub: string;
  name?: string;
  /** Default `test`. */
  workspace?: string;
}

/** A conversation as kept: the agents' row without what is computed, its messages and the revision it changed at. */
export interface Row {
  conversation: Omit<wire.LiveChatConversation, 'messages' | 'unreadCount'>;
  messages: (wire.LiveChatMessage & { rev: number })[];
  /** Deleted ones too. */
  notes: (wire.Note & { rev: number })[];
  rev: number;
}

/** One commit on one conversation. */
export interface Commit {
  rev: number;
  row: Row;
  messages: wire.LiveChatMessage[];
  notes: wire.Note[];
  isDeleted?: boolean;
}

export type Workspace = ReturnType<typeof createWorkspace>;

/** A refusal, on its way to becoming a problem document. */
export class Refusal extends Error {
  constructor(readonly status: number, readonly code: wire.ProblemCode, readonly extra: Partial<wire.Problem> = {}) {
    super(code);
  }

  get problem(): wire.Problem {
    const { code, status } = this;
    return { type: `/problems/${code}`, title: code, status, code, ...this.extra };
  }
}

export const invalid = (pointer: string, detail: string) => new Refusal(422, 'validation', { errors: [{ pointer, detail }] });

const FALLBACK = 'Sorry, I did not understand that.';

/** The rows and rules of one workspace: what the server's writer does, in memory and without a disk. `date` is part of every commit. */
export function createWorkspace(clock: Clock, publish: (commit: Commit) => void, date: (row: Row) => void = () => {}) {
  const rows = new Map<string, Row>();
  const deleted = new Map<string, { rev: number; userId: string }>();
  /** Newest first. */
  const deletions: wire.Deletion[] = [];
  const messageHome = new Map<string, { conversationId: string; identity: string }>();
  const funnels = new Map<string, wire.Funnel>();
  const agents = new Map<string, string>();
  let rev = 0;
  let epoch = 1;
  let oldestEpoch = 1;
  let lastId = 0;

  const nowText = () => new Date(clock.now()).toISOString();
  const newId = () => `00000000-0000-7000-8000-${String(++lastId).padStart(12, '0')}`;

  function sees(who: Principal, row: Row): boolean {
    return who.role !== 'visitor' || who.sub === row.conversation.userId;
  }
  function find(who: Principal, id: string): Row {
    const row = rows.get(id);
    if (!row || !sees(who, row)) throw new Refusal(404, 'not-found');
    return row;
  }

  /** One transaction on one conversation. */
  function commit(row: Row, change: (row: Row) => void): void {
    const from = row.messages.length;
    change(row);
    date(row);
    rev += 1;
    row.rev = rev;
    row.conversation.version += 1;
    row.conversation.updatedAt = nowText();
    for (const message of row.messages.slice(from)) message.rev = rev;
    for (const note of row.notes) if (note.rev === 0) note.rev = rev;
    publish({ rev, row, messages: row.messages.slice(from), notes: row.notes.filter((note) => note.rev === rev) });
  }

  function append(row: Row, said: Pick<wire.LiveChatMessage, 'type' | 'text' | 'author'> & Partial<wire.LiveChatMessage>) {
    const { conversation, messages } = row;
    const message = {
      isRead: false, version: 1, ...said, id: said.id ?? newId(), conversationId: conversation.id,
      timestamp: said.timestamp ?? nowText(), seq: messages.length + 1, rev: 0,
    };
    messages.push(message);
    conversation.messageCount = messages.length;
    if (said.type !== 'system') {
      conversation.lastMessage = said.text.slice(0, 200);
      conversation.lastMessageAt = message.timestamp;
    }
    if (said.type === 'user') conversation.userLastReadSeq = message.seq;
    if (said.author.kind === 'agent') conversation.agentLastReadSeq = message.seq;
    return message;
  }
  function systemLine(row: Row, code: string, text: string, params?: Record<string, string>): void {
    append(row, { type: 'system', text, author: { kind: 'system' }, system: { code, params } });
  }

  function create(by: Partial<Row['conversation']> & { userId: string; funnelId: string }): Row {
    const at = by.startedAt ?? nowText();
    const row: Row = {
      rev: 0, messages: [], notes: [],
      conversation: {
        id: newId(), user: { id: by.userId, name: by.userId, isOnline: false },
        funnelName: funnels.get(by.funnelId)?.name ?? by.funnelId, status: 'open', handler: 'bot', startedAt: at,
        lastMessageAt: at, lastMessage: '', messageCount: 0, createdAt: at, updatedAt: at, isArchived: false,
        userLastReadSeq: 0, agentLastReadSeq: 0, labels: [], channel: 'web', inboxId: 'default', version: 0, ...by,
      },
    };
    rows.set(row.conversation.id, row);
    return row;
  }

  function setStatus(row: Row, status: wire.ConversationStatus, reason: wire.CloseReason): void {
    const { conversation } = row;
    if (conversation.status === status) return;
    conversation.status = status;
    if (status === 'closed') {
      Object.assign(conversation, { closedAt: nowText(), closeReason: reason });
      systemLine(row, 'conversation_closed', 'The conversation was closed.', { reason });
    } else {
      delete conversation.closedAt;
      delete conversation.closeReason;
      conversation.isArchived = false;
      systemLine(row, 'conversation_reopened', 'The conversation was reopened.');
    }
  }

  function addNote(row: Row, text: string, author: wire.Note['author'], id = newId()): wire.Note {
    const { conversation, messages } = row;
    const note = { id, conversationId: conversation.id, afterSeq: messages.length, author, text, at: nowText(), version: 1, rev: 0 };
    commit(row, () => row.notes.push(note));
    return note;
  }
  function deleteNote(row: Row, note: wire.Note): void {
    if (note.deletedAt) return;
    commit(row, () => Object.assign(note, { text: '', deletedAt: nowText(), version: note.version + 1, rev: 0 }));
  }

  function hold(row: Row, who: { id: string; name: string }): void {
    row.conversation.handler = 'agent';
    row.conversation.assignee = who;
  }

  /** The funnel's answer to what the user said: the next block, or the fallback. */
  function walk(row: Row, message: wire.LiveChatMessage, optionId: string | undefined): void {
    const funnel = funnels.get(row.conversation.funnelId);
    if (!funnel || row.conversation.handler !== 'bot') return;
    const asked = row.messages.findLast((other) => other.metadata?.blockId !== undefined);
    const block = funnel.blocks[asked?.metadata?.blockId ?? ''];
    const chosen = block?.options?.find((option, index) => (option.id ?? String(index)) === optionId || option.text === message.text);
    if (chosen?.nextBlockId) enter(row, funnel, chosen.nextBlockId);
    else if (!chosen) append(row, { type: 'bot', text: FALLBACK, author: { kind: 'bot' } });
  }
  function enter(row: Row, funnel: wire.Funnel, blockId: string): void {
    const block = funnel.blocks[blockId];
    if (!block) return;
    append(row, {
      type: 'bot', text: block.message, author: { kind: 'bot' }, metadata: { blockId },
      options: block.options?.map((option, index) => ({ id: option.id ?? String(index), text: option.text })),
    });
  }

  return {
    rows, deleted, funnels, agents, find, sees, commit, append, create, setStatus, hold, walk, enter, newId, nowText, systemLine, addNote, deleteNote,
    messageHome, deletions,
    get rev() {
      return rev;
    },
    get oldestEpoch() {
      return oldestEpoch;
    },
    get epoch() {
      return epoch;
    },
    cursor: (at = rev) => `${epoch}.${at}`,

    remove(id: string, reason: wire.DeleteReason = 'admin', actor?: string): void {
      const row = rows.get(id);
      if (!row) return;
      rev += 1;
      rows.delete(id);
      deleted.set(id, { rev, userId: row.conversation.userId });
      deletions.unshift({ seq: deletions.length + 1, conversationId: id, reason, actor, messages: row.messages.length, deletedAt: nowText() });
      publish({ rev, row, messages: [], notes: [], isDeleted: true });
    },

    /** A new epoch, as after a restore: every cursor handed out so far is worth a `reset`. */
    newEpoch: () => void (epoch += 1),
    /** Another history, of which no cursor handed out so far is one. */
    forgetCursors: () => void (oldestEpoch = epoch += 1),

    /** The commits after `since` that a topic is about, oldest first: the rows' latest state, not a log. */
    changesSince(topic: Topic, since: number, who: Principal): Commit[] {
      const of = topic === 'inbox' ? [...rows.values()] : [find(who, topic.slice('conversation:'.length))];
      const changes: Commit[] = [];
      for (const row of of.filter((other) => sees(who, other))) {
        const said = [...row.messages, ...(who.role === 'visitor' ? [] : row.notes)];
        const revs = new Set(said.map((one) => one.rev).filter((at) => at > since && topic !== 'inbox'));
        if (row.rev > since) revs.add(row.rev);
        for (const at of revs) {
          changes.push({
            rev: at, row, messages: row.messages.filter((message) => message.rev === at), notes: row.notes.filter((note) => note.rev === at),
          });
        }
      }
      return changes.toSorted((a, b) => a.rev - b.rev);
    },
  };
}

/** The row as `who` may see it, with the newest `count` messages. */
export function conversationView(row: Row, who: Principal, count = 0): wire.LiveChatConversation {
  const { conversation, messages } = row;
  const isVisitor = who.role === 'visitor';
  const [mark, other] = isVisitor
    ? [conversation.userLastReadSeq, 'bot'] as const
    : [conversation.agentLastReadSeq, 'user'] as const;
  const view: wire.LiveChatConversation = {
    ...structuredClone(conversation),
    messages: messages.slice(Math.max(0, messages.length - count)).map((message) => messageView(row, message, who)),
    unreadCount: messages.filter((message) => message.type === other && message.seq > mark).length,
  };
  if (isVisitor) {
    for (const hidden of ['labels', 'deleteAt', 'eraseMarkedAt', 'hold', 'externalId', 'metadata'] as const) delete view[hidden];
    if (view.assignee) delete view.assignee.id;
  }
  return view;
}

export function noteView(note: wire.Note): wire.Note {
  const { rev: _, ...view } = structuredClone(note) as wire.Note & { rev?: number };
  return view;
}

export function messageView(row: Row, message: wire.LiveChatMessage, who: Principal): wire.LiveChatMessage {
  const { rev: _, ...view } = structuredClone(message) as wire.LiveChatMessage & { rev?: number };
  const { userLastReadSeq, agentLastReadSeq } = row.conversation;
  view.isRead = message.seq <= (message.type === 'user' ? agentLastReadSeq : userLastReadSeq);
  if (who.role === 'visitor' && view.author.kind === 'agent') delete view.author.id;
  return view;
}
