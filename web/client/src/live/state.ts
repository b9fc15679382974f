import { TOMBSTONES_KEPT } from '../limits.js';
import { decodeConversation, decodeNote } from '../protocol/decode.js';
import type { LiveChatConversation, LiveChatMessage, Me, Note, Typist } from '../protocol/model.js';
import type { LiveChatError } from '../protocol/problem.js';
import type * as wire from '../protocol/schema.js';
import type { Store } from '../store/store.js';
import { isMissing, shownNotes, type NotePage, type NoteRow } from '../sync/notes.js';
import { emptyPatch, putConversation, putNote, reduce, type Patch, type View } from '../sync/reduce.js';
import type { StreamEvent } from '../protocol/events.js';
import { EMPTY_THREAD, lastSeq, withStoredFirst, type Thread } from '../sync/thread.js';

/** A change shown before the server confirmed it, laid over what the server says. */
export interface Overlay {
  over(stored: LiveChatConversation): LiveChatConversation;
}

type ConversationListener = (
  id: string, before: LiveChatConversation | undefined, after: LiveChatConversation | undefined,
) => void;

export type State = ReturnType<typeof createState>;

const NO_TYPISTS: readonly Typist[] = [];
const NO_NOTES: readonly Note[] = [];

/** Everything known, by id, and the one way to change it. `shown` hears every change of a conversation as shown. */
export function createState(store: Store) {
  const conversations = store.family<LiveChatConversation | undefined>({ initial: undefined });
  const messages = store.family<LiveChatMessage | undefined>({ initial: undefined });
  const threads = store.family<Thread>({ initial: EMPTY_THREAD });
  const typing = store.family<readonly Typist[]>({ initial: NO_TYPISTS });
  const drafts = store.family<string>({ initial: '' });
  const continuations = store.family<string | undefined>({ initial: undefined });
  const notes = store.family<readonly Note[]>({ initial: NO_NOTES });
  const me = store.family<Me | undefined>({ initial: undefined });
  const lastError = store.family<LiveChatError | undefined>({ initial: undefined });
  // The server's rows where overlays hide them; everywhere else the shown row is the server's.
  const storedRows = new Map<string, LiveChatConversation>();
  const overlays = new Map<string, Overlay[]>();
  const doubtful = new Set<string>();
  const idsOfUser = new Map<string, Set<string>>();
  const noteRows = new Map<string, Map<string, NoteRow>>();
  let heard = 0;
  const tombstones = new Map<string, number>();
  let isClosed = false;
  const listeners: ConversationListener[] = [];
  const storedListeners: ((message: LiveChatMessage) => void)[] = [];

  const stored = (id: string) => storedRows.get(id) ?? conversations.get(id);
  const view: View = { conversation: stored, message: messages.get, thread: threads.get, note: (id, note) => noteRows.get(id)?.get(note)?.note };

  function show(id: string, row: LiveChatConversation): void {
    const left = overlays.get(id) ?? [];
    if (left.length > 0) {
      storedRows.set(id, row);
    } else {
      overlays.delete(id);
      storedRows.delete(id);
    }
    const own = idsOfUser.get(row.userId);
    if (own) own.add(id);
    else idsOfUser.set(row.userId, new Set([id]));
    const before = conversations.get(id);
    const after = left.reduce((shown, overlay) => overlay.over(shown), row);
    if (after === before) return;
    conversations.set(id, after);
    for (const listener of listeners) listener(id, before, after);
  }

  function remove(id: string): void {
    const before = conversations.get(id);
    tombstones.set(id, stored(id)?.version ?? Infinity);
    for (const oldest of tombstones.keys()) if (tombstones.size > TOMBSTONES_KEPT) tombstones.delete(oldest);
    forget(id);
    for (const listener of listeners) listener(id, before, undefined);
  }

  /** Lets go of a conversation and its messages, without saying that it is gone. */
  function forget(id: string): void {
    setThread(id, undefined);
    const userId = stored(id)?.userId ?? '';
    if (idsOfUser.get(userId)?.delete(id) && idsOfUser.get(userId)?.size === 0) idsOfUser.delete(userId);
    for (const family of [conversations, typing, drafts, continuations]) family.set(id, undefined);
    storedRows.delete(id);
    overlays.delete(id);
  }

  function setThread(id: string, next: Thread | undefined): void {
    const thread = next && withStoredFirst(next, (message) => messages.get(message)?.seq ?? 0);
    const before = threads.get(id);
    const kept = new Set(thread && [...thread.stored, ...thread.tail]);
    const shrank = !thread || thread.first > before.first || lastSeq(thread) < lastSeq(before) || thread.tail !== before.tail;
    if (shrank) {
      // A message that went to another conversation is that one's to keep.
      const isOurs = (message: string) => messages.get(message)?.conversationId === id;
      for (const message of before.ids) if (!kept.has(message) && isOurs(message)) messages.set(message, undefined);
    }
    threads.set(id, thread);
    if (!thread) noteRows.delete(id);
    showNotes(id);
  }

  function setNote(note: Note): void {
    const rows = noteRows.get(note.conversationId) ?? new Map<string, NoteRow>();
    noteRows.set(note.conversationId, rows.set(note.id, { note, heard: ++heard }));
    showNotes(note.conversationId);
  }

  function showNotes(id: string): void {
    const before = notes.get(id);
    const shown = shownNotes(noteRows.get(id)?.values() ?? [], threads.get(id), before);
    if (shown !== before) notes.set(id, shown);
  }

  function commit(patch: Patch): void {
    // Signed out: an answer still on its way belongs to somebody who is gone.
    if (isClosed) return;
    for (const [id, message] of patch.messages) {
      const wasStored = (messages.get(id)?.seq ?? 0) > 0;
      messages.set(id, message);
      if (!message || wasStored) continue;
      // Its place in the tail is another now.
      setThread(message.conversationId, threads.get(message.conversationId));
      for (const listener of storedListeners) listener(message);
    }
    for (const [id, thread] of patch.threads) setThread(id, thread);
    for (const note of patch.notes.values()) setNote(note);
    for (const [id, row] of patch.conversations) {
      if (row) show(id, row);
      else remove(id);
    }
  }

  return {
    conversations, messages, threads, notes, typing, drafts, continuations, me, lastError,
    view, stored, commit, setThread, setNote, remove, forget,
    onConversation: (listener: ConversationListener) => void listeners.push(listener),

    /** Whether a conversation was deleted, as far as is remembered. */
    isDeleted: (id: string) => tombstones.has(id),

    /** Hears of every message the server is seen to have, once. */
    onStored: (listener: (message: LiveChatMessage) => void) => void storedListeners.push(listener),

    /** Applies one group of the stream; answers which threads turned out to have missed something. */
    applyGroup(events: readonly StreamEvent[]): readonly string[] {
      // The stream comes in order: what it shows after a deletion is there again.
      for (const event of events) if (event.event === 'conversation') tombstones.delete(event.conversation.id);
      const patch = reduce(view, events);
      commit(patch);
      return patch.gaps;
    },

    /** Applies what an answer carried. It may be older than what the stream brought, or ahead of it. */
    applyAnswer(row?: wire.LiveChatConversation, message?: wire.LiveChatMessage, note?: wire.Note): void {
      const topic = 'inbox';
      if (row && (tombstones.get(row.id) ?? 0) >= row.version) return;
      commit(reduce(view, [
        ...(message ? [{ event: 'message' as const, topic, message } as const] : []),
        ...(note ? [{ event: 'note' as const, topic, note } as const] : []),
        ...(row ? [{ event: 'conversation' as const, topic, conversation: row } as const] : []),
      ]));
    },

    /** Applies rows of a snapshot, each if it is newer than what is known. */
    applyRows(rows: readonly wire.LiveChatConversation[]): void {
      const patch = emptyPatch();
      for (const row of rows) {
        if ((tombstones.get(row.id) ?? 0) < row.version) putConversation(view, patch, decodeConversation(row));
      }
      commit(patch);
    },

    fail: (error: LiveChatError | undefined) => lastError.set('', error),
    /** How much was heard of notes so far: see `NotePage`. */
    notesHeard: () => heard,

    /** Applies what a page says of the notes it covers: those it does not hold are gone. */
    applyNotes(id: string, list: readonly wire.Note[], page: NotePage): void {
      const rows = noteRows.get(id);
      const told = new Set(list.map((note) => note.id));
      for (const [note, row] of rows ?? []) if (!told.has(note) && isMissing(row, page)) rows?.delete(note);
      const patch = emptyPatch();
      for (const note of list) putNote(view, patch, decodeNote(note));
      commit(patch);
    },

    /** A note that was shown too early goes again. */
    dropNote(conversationId: string, id: string): void {
      noteRows.get(conversationId)?.delete(id);
      showNotes(conversationId);
    },

    /** Whether anything is shown that the server has not confirmed yet. */
    hasOverlays: () => overlays.size > 0,

    hasOverlay: (id: string) => overlays.has(id),

    /** A row may be older than what was missed: a thread asks for it when it is loaded. */
    doubt: (id: string) => void doubtful.add(id),
    isDoubtful: (id: string) => doubtful.has(id),
    trust: (id: string) => void doubtful.delete(id),

    /** What failed with `error` works again. */
    recovered(error: LiveChatError | undefined): void {
      if (error && lastError.get('') === error) lastError.set('', undefined);
    },

    /** Shows `overlay` until it is taken back by the returned function. */
    lay(id: string, overlay: Overlay): () => void {
      const row = stored(id);
      if (!row) return () => {};
      overlays.set(id, [...(overlays.get(id) ?? []), overlay]);
      show(id, row);
      return () => {
        const now = stored(id);
        const left = overlays.get(id)?.filter((other) => other !== overlay);
        if (left) overlays.set(id, left);
        if (now) show(id, now);
      };
    },

    setPresence(userId: string, isOnline: boolean, lastSeen: string | undefined): void {
      for (const id of idsOfUser.get(userId) ?? []) {
        const row = stored(id);
        if (!row || row.user.isOnline === isOnline) continue;
        const user = { ...row.user, isOnline, lastSeen: lastSeen === undefined ? row.user.lastSeen : new Date(lastSeen) };
        show(id, { ...row, user });
      }
    },

    open: () => void (isClosed = false),

    /** Forgets everything and takes nothing more until `open`. */
    wipe(): void {
      isClosed = true;
      for (const family of [conversations, messages, threads, notes, typing, drafts, continuations, me, lastError]) {
        for (const key of family.keys()) family.set(key, undefined);
      }
      for (const map of [storedRows, overlays, tombstones, idsOfUser, noteRows, doubtful]) map.clear();
    },
  };
}
