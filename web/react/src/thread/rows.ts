import { groupWithinMs } from '../limits.ts';

/** What the thread's structure depends on; nothing else of a message moves rows. */
export interface RowSource {
  timestamp: Date;
  seq?: number | undefined;
  type: 'user' | 'bot' | 'system';
  author: { kind: string; id?: string | undefined; name?: string | undefined };
}

export type Row =
  | { kind: 'day'; key: string; at: Date }
  | { kind: 'new'; key: 'new' }
  | { kind: 'message'; key: string; id: string; isFirst: boolean };

export interface RowOptions {
  hasOlder: boolean;
  /** Read up to this seq when the thread was opened. */
  readSeq: number | undefined;
  /** Whose messages may be unread here. */
  unreadType: 'user' | 'bot';
  sameDay(a: Date, b: Date): boolean;
}

function startsGroup(message: RowSource, before: RowSource | undefined): boolean {
  if (before === undefined || before.type === 'system') return true;
  if (message.author.kind !== before.author.kind || message.author.id !== before.author.id) return true;
  if (message.author.name !== before.author.name) return true;
  return message.timestamp.getTime() - before.timestamp.getTime() > groupWithinMs;
}

/**
 * Rows of a thread from its message ids, oldest first.
 *
 * While older messages exist the first loaded one only serves as the next one's predecessor: its own name and day line
 * would change when they arrive, and every change above the reader is a jump.
 */
export function buildRows(ids: readonly string[], read: (id: string) => RowSource | undefined, options: RowOptions): Row[] {
  const rows: Row[] = [];
  let before: RowSource | undefined;
  let isMarked = options.readSeq === undefined;
  const isHeadHidden = options.hasOlder && ids.length > 1;

  ids.forEach((id, index) => {
    const message = read(id);
    if (message === undefined) return;
    if (index === 0 && isHeadHidden) {
      before = message;
      return;
    }
    const isNewDay = before === undefined || !options.sameDay(before.timestamp, message.timestamp);
    if (isNewDay) rows.push({ kind: 'day', key: `day:${id}`, at: message.timestamp });
    const isUnread = !isMarked && message.type === options.unreadType && (message.seq ?? 0) > (options.readSeq ?? 0);
    if (isUnread) {
      isMarked = true;
      rows.push({ kind: 'new', key: 'new' });
    }
    rows.push({ kind: 'message', key: id, id, isFirst: isNewDay || isUnread || startsGroup(message, before) });
    before = message;
  });
  return rows;
}
