import type { Note } from '../protocol/model.js';
import { lastSeq, type Thread } from './thread.js';

/** A note as last heard of; deleted ones too, so that an older answer does not bring one back. */
export interface NoteRow {
  readonly note: Note;
  /** Rises with everything heard: a page asked for before this does not know better. */
  readonly heard: number;
}

/** What a page covers: notes behind these messages, and what had been heard when it was asked for. */
export interface NotePage {
  readonly from: number;
  readonly to: number;
  readonly asked: number;
}

/** The notes of a thread's loaded part, in order; `before` itself if they are the same. */
export function shownNotes(rows: Iterable<NoteRow>, thread: Thread, before: readonly Note[]): readonly Note[] {
  const shown = [...rows].map(({ note }) => note).filter(({ afterSeq, deletedAt }) =>
    !deletedAt && (afterSeq >= thread.first || !thread.hasOlder) && (afterSeq <= lastSeq(thread) || !thread.hasNewer));
  shown.sort((a, b) => a.afterSeq - b.afterSeq || +a.at - +b.at || (a.id < b.id ? -1 : 1));
  return shown.length === before.length && shown.every((note, at) => note === before[at]) ? before : shown;
}

/** Whether a page that does not hold a note says that it is gone. */
export function isMissing({ note, heard }: NoteRow, { from, to, asked }: NotePage): boolean {
  return heard <= asked && note.version > 0 && note.afterSeq >= from && note.afterSeq <= to;
}
