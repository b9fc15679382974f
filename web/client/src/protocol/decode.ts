import type { Funnel, LiveChatConversation, LiveChatMessage, Me, Note } from './model.js';
import type * as wire from './schema.js';

/** How far each side has read, by `seq`. */
export type ReadMarks = Pick<wire.LiveChatConversation, 'userLastReadSeq' | 'agentLastReadSeq'>;

/** A row with its times as dates. */
export function dated<T>(row: object, ...times: (keyof T)[]): T {
  const copy = { ...row } as T;
  for (const name of times) if (copy[name] !== undefined) copy[name] = new Date(copy[name] as string) as T[typeof name];
  return copy;
}

export function decodeConversation(row: wire.LiveChatConversation): LiveChatConversation {
  const { messages: _, ...rest } = row;
  return dated<LiveChatConversation>(
    { ...rest, user: dated<LiveChatConversation['user']>(row.user, 'lastSeen'), isArchived: row.isArchived ?? false, labels: row.labels ?? [] },
    'startedAt', 'lastMessageAt', 'createdAt', 'updatedAt', 'autoCloseAt', 'closedAt', 'archivedAt', 'deleteAt', 'eraseMarkedAt', 'snoozedUntil',
  );
}

/** `marks` are newer than what the row itself says; without them the row's own word stands. */
export function decodeMessage(row: wire.LiveChatMessage, marks?: ReadMarks): LiveChatMessage {
  const isRead = marks ? isReadBy(marks, row) : row.isRead;
  return dated({ ...row, isRead, state: isRead ? 'read' : 'sent' }, 'timestamp', 'editedAt', 'deletedAt');
}

/** Whether the other side's mark has passed a message. */
export function isReadBy(marks: ReadMarks, message: Pick<wire.LiveChatMessage, 'type' | 'seq'>): boolean {
  return message.seq <= (message.type === 'user' ? marks.agentLastReadSeq : marks.userLastReadSeq);
}

export function decodeNote(note: wire.Note): Note {
  return dated(note, 'at', 'deletedAt');
}

export function decodeMe(me: wire.Me): Me {
  return dated(me, 'expiresAt');
}

export function decodeFunnel(funnel: wire.Funnel): Funnel {
  const blocks = Object.entries(funnel.blocks).map(([id, block]) => [id, { ...block, options: block.options ?? [] }] as const);
  return { ...funnel, blocks: Object.fromEntries(blocks) };
}
