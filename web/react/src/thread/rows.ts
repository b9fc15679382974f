import type { Note } from '../desk.ts';
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
  | { kind: 'note'; key: string; note: Note }
  | { kind: 'message'; key: string; id: string; isFirst: boolean };

export interface RowOptions {
  hasOlder: boolean;
  /** Read up to this seq when the thread was opened. */
  readSeq: number | undefined;
  /** Whose messages may be unread here. */
  unreadType: 'user' | 'bot';
  /** Ordered as they are shown: by the message they stand behind, then time. */
  notes?: readonly Note[];
  sameDay(a: Date, b: Date): boolean;
}

function startsGroup(message: RowSource, before: RowSource | undefined): boolean {
  if (before === undefined || before.type === 'system') return true;
  if (message.author.kind !== before.author.kind || message.author.id !== before.author.id) return true;
  if (message.author.name !== before.author.name) return true;
  return message.timestamp.getTime() - before.timestamp.getTime() > groupWithinMs;
}

/**
 * Rows of a thread from its message ids, oldest first, with the notes between them.
 *
 * While older messages exist the first loaded one only serves as the next one's predecessor: its own name and day line
 * would change when they arrive, and every change above the reader is a jump.
 */
export function buildRows(ids: readonly string[], read: (id: string) => RowSource | undefined, options: RowOptions): Row[] {
  const { readSeq, notes = [] } = options;
  const rows: Row[] = [];
  let before: RowSource | undefined;
  let lastAt: Date | undefined;
  let isMarked = readSeq === undefined;
  let nextNote = 0;
  const isHeadHidden = options.hasOlder && ids.length > 1;

  /** True where a day begins. */
  function day(at: Date, key: string): boolean {
    const isNew = lastAt === undefined || !options.sameDay(lastAt, at);
    if (isNew) rows.push({ kind: 'day', key: `day:${key}`, at });
    lastAt = at;
    return isNew;
  }
  /** Notes that stand before the message with this seq. One that is not numbered yet comes behind all of them. */
  function notesBefore(seq: number) {
    const end = notes.findIndex((note, index) => index >= nextNote && seq !== 0 && note.afterSeq >= seq);
    for (const note of notes.slice(nextNote, end < 0 ? notes.length : end)) {
      day(note.at, note.id);
      rows.push({ kind: 'note', key: `note:${note.id}`, note });
      // Whoever goes on behind a note says anew who it is.
      before = undefined;
    }
    nextNote = end < 0 ? notes.length : end;
  }

  ids.forEach((id, index) => {
    const message = read(id);
    if (message === undefined) return;
    const seq = message.seq ?? 0;
    if (index === 0 && isHeadHidden) {
      // What stands before it belongs to the page that is not loaded.
      while ((notes[nextNote]?.afterSeq ?? seq) < seq) nextNote += 1;
      before = message;
      lastAt = message.timestamp;
      return;
    }
    notesBefore(seq);
    const isNewDay = day(message.timestamp, id);
    const isUnread = !isMarked && message.type === options.unreadType && seq > (readSeq ?? 0);
    if (isUnread) {
      isMarked = true;
      rows.push({ kind: 'new', key: 'new' });
    }
    rows.push({ kind: 'message', key: id, id, isFirst: isNewDay || isUnread || startsGroup(message, before) });
    before = message;
  });
  notesBefore(0);
  return rows;
}
