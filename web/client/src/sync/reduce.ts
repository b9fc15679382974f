import { decodeConversation, decodeMessage, decodeNote, isReadBy, type ReadMarks } from '../protocol/decode.js';
import type { StreamEvent } from '../protocol/events.js';
import type { LiveChatConversation, LiveChatMessage, Note } from '../protocol/model.js';
import { append, lastSeq, type Thread } from './thread.js';

/** What the reducer may look at. */
export interface View {
  conversation(id: string): LiveChatConversation | undefined;
  message(id: string): LiveChatMessage | undefined;
  thread(id: string): Thread;
  note(conversationId: string, id: string): Note | undefined;
}

/** What changed, and nothing else; `undefined` means gone. Whatever is not named keeps its identity. */
export interface Patch {
  conversations: Map<string, LiveChatConversation | undefined>;
  messages: Map<string, LiveChatMessage | undefined>;
  threads: Map<string, Thread>;
  /** By their own id. */
  notes: Map<string, Note>;
  /** Threads whose stream skipped something: load them afresh. */
  gaps: string[];
}

export function emptyPatch(): Patch {
  return { conversations: new Map(), messages: new Map(), threads: new Map(), notes: new Map(), gaps: [] };
}

/**
 * The state after one group of the durable stream, as a patch. Pure and idempotent: a group applied twice, or after
 * an answer that already held its rows, changes nothing; of two copies the higher version wins.
 */
export function reduce(view: View, events: readonly StreamEvent[]): Patch {
  const patch = emptyPatch();
  for (const event of events) {
    if (event.event === 'conversation') putConversation(view, patch, decodeConversation(event.conversation));
    if (event.event === 'note') putNote(view, patch, decodeNote(event.note));
    if (event.event === 'deleted') patch.conversations.set(event.conversationId, undefined);
  }
  const rows = events.flatMap((event) => (event.event === 'message' ? [event.message] : []));
  for (const row of rows) {
    const { conversationId } = row;
    if (patch.conversations.has(conversationId) && !patch.conversations.get(conversationId)) continue;
    const thread = patch.threads.get(conversationId) ?? view.thread(conversationId);
    // The end of this thread was let go: what is new there is loaded when somebody goes there.
    if (thread.hasNewer && !view.message(row.id)) continue;
    const marks = patch.conversations.get(conversationId) ?? view.conversation(conversationId);
    const message = decodeMessage(row, marks);
    putMessage(view, patch, message);
    if (!thread.isLoaded || thread.hasNewer) continue;
    const grown = append(thread, [message]);
    if (grown === 'gap') patch.gaps.push(conversationId);
    else if (grown !== thread) patch.threads.set(conversationId, grown);
  }
  return patch;
}

/** Takes `incoming` if it is newer than what is known, with every message whose read state it changes. */
export function putConversation(view: View, patch: Patch, incoming: LiveChatConversation): void {
  const current = view.conversation(incoming.id);
  if (current && current.version >= incoming.version) return;
  patch.conversations.set(incoming.id, incoming);
  remark(view, patch, incoming, current?.userLastReadSeq ?? 0, incoming.userLastReadSeq);
  remark(view, patch, incoming, current?.agentLastReadSeq ?? 0, incoming.agentLastReadSeq);
}

/** Takes `incoming` if it is newer than what is known: a deletion is not undone by an older page. */
export function putNote(view: View, patch: Patch, incoming: Note): void {
  const current = view.note(incoming.conversationId, incoming.id);
  if (!current || current.version < incoming.version) patch.notes.set(incoming.id, incoming);
}

/** Takes `incoming` if it is newer than what is known; its read state, which rests on the newest marks, in any case. */
export function putMessage(view: View, patch: Patch, incoming: LiveChatMessage): void {
  const current = view.message(incoming.id);
  if (!current || current.seq === 0 || current.version < incoming.version) patch.messages.set(incoming.id, incoming);
  else if (current.isRead !== incoming.isRead) patch.messages.set(incoming.id, withRead(current, incoming.isRead));
}

function withRead(message: LiveChatMessage, isRead: boolean): LiveChatMessage {
  return { ...message, isRead, state: isRead ? 'read' : 'sent' };
}

/** Messages between the old and the new place of a mark, nearer one excluded: the only ones it can change. */
function remark(view: View, patch: Patch, marks: ReadMarks & { id: string }, from: number, to: number): void {
  if (from === to) return;
  const thread = view.thread(marks.id);
  const end = Math.min(Math.max(from, to), lastSeq(thread));
  for (let seq = Math.max(Math.min(from, to) + 1, thread.first); seq <= end; seq += 1) {
    const id = thread.stored[seq - thread.first];
    const message = id === undefined ? undefined : view.message(id);
    if (!message) continue;
    const isRead = isReadBy(marks, message);
    if (isRead !== message.isRead) patch.messages.set(message.id, withRead(message, isRead));
  }
}
