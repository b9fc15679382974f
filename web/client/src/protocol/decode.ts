import type { Funnel, LiveChatConversation, LiveChatMessage, Me, Note } from './model.js';
import type * as wire from './schema.js';

/** How far each side has read, by `seq`. */
export type ReadMarks = Pick<wire.LiveChatConversation, 'userLastReadSeq' | 'agentLastReadSeq'>;

function date(text: string): Date;
function date(text: string | undefined): Date | undefined;
function date(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

export function decodeConversation(row: wire.LiveChatConversation): LiveChatConversation {
  const { messages: _, ...rest } = row;
  return {
    ...rest,
    user: { ...row.user, lastSeen: date(row.user.lastSeen) },
    isArchived: row.isArchived ?? false,
    labels: row.labels ?? [],
    startedAt: date(row.startedAt),
    lastMessageAt: date(row.lastMessageAt),
    createdAt: date(row.createdAt),
    updatedAt: date(row.updatedAt),
    autoCloseAt: date(row.autoCloseAt),
    closedAt: date(row.closedAt),
    archivedAt: date(row.archivedAt),
    deleteAt: date(row.deleteAt),
    snoozedUntil: date(row.snoozedUntil),
  };
}

/** `marks` are newer than what the row itself says; without them the row's own word stands. */
export function decodeMessage(row: wire.LiveChatMessage, marks?: ReadMarks): LiveChatMessage {
  const isRead = marks ? isReadBy(marks, row) : row.isRead;
  return {
    ...row,
    isRead,
    state: isRead ? 'read' : 'sent',
    timestamp: date(row.timestamp),
    editedAt: date(row.editedAt),
    deletedAt: date(row.deletedAt),
  };
}

/** Whether the other side's mark has passed a message. */
export function isReadBy(marks: ReadMarks, message: Pick<wire.LiveChatMessage, 'type' | 'seq'>): boolean {
  return message.seq <= (message.type === 'user' ? marks.agentLastReadSeq : marks.userLastReadSeq);
}

export function decodeNote(note: wire.Note): Note {
  return { ...note, at: date(note.at), deletedAt: date(note.deletedAt) };
}

export function decodeMe(me: wire.Me): Me {
  return { ...me, expiresAt: date(me.expiresAt) };
}

export function decodeFunnel(funnel: wire.Funnel): Funnel {
  const blocks = Object.entries(funnel.blocks).map(([id, block]) => [id, { ...block, options: block.options ?? [] }] as const);
  return { ...funnel, blocks: Object.fromEntries(blocks) };
}
