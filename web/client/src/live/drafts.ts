import { DRAFT_CHARS, DRAFT_SAVE_MS, DRAFTS_KEPT } from '../limits.js';
import type { Shelf } from '../outbox/shelf.js';
import type { StorageChange } from '../outbox/storage.js';
import type { Clock } from '../transport/clock.js';
import { createRetry } from '../transport/retry.js';
import type { State } from './state.js';

interface Draft {
  text: string;
  /** When it was last changed; the oldest go first. */
  at: number;
}

const nothing = () => {};

export type Drafts = ReturnType<typeof createDrafts>;

/** Unsent texts: on the screen at once, written down a moment later, the same in every tab but where one is typing. */
export function createDrafts(state: State, shelf: Shelf, clock: Clock, random: () => number) {
  /** Changed here and not written down yet: until then no other tab has a say. */
  let unsaved = new Map<string, object>();
  /** Sent from here, and not known to be gone from the storage. */
  const sentFrom = new Set<string>();
  /** When they were last to be written down from here. */
  const writtenAt = new Map<string, number>();
  /** What changed while the storage was being read: what the reading says of it is older. One for each reading under way. */
  const readings = new Set<Set<string>>();
  /** When the storage was last begun to be read. */
  let readAt = -Infinity;
  let cancelSave: (() => void) | undefined;
  /** The last writing, done or not. */
  let saved = Promise.resolve();
  const reload = createRetry(clock, random, () => void load(true));
  let isStarted = false;

  function rowOf(id: string): StorageChange {
    const text = state.drafts.get(id);
    const at = clock.now();
    writtenAt.set(id, at);
    return shelf.row('drafts', id, text ? { text: text.slice(0, DRAFT_CHARS), at } satisfies Draft : undefined);
  }

  function save(): void {
    cancelSave?.();
    cancelSave = undefined;
    if (!shelf.owner || unsaved.size === 0) return;
    const saving = unsaved;
    const changes = [...saving];
    // What cannot be kept is said already, and in front of whoever wrote it. It is tried again when the page wakes.
    saved = shelf.write(changes.map(([id]) => rowOf(id)), () => {
      for (const [id, change] of changes) if (saving.get(id) === change) saving.delete(id);
      // What is read just now may be of before.
      for (const [id] of changes) changed(id);
    }).catch(nothing);
  }

  /** The rows of the storage, and what they do not speak of any more. */
  async function read() {
    const newer = new Set<string>();
    readings.add(newer);
    readAt = clock.now();
    const rows = await shelf.list('drafts').catch(nothing);
    readings.delete(newer);
    return rows && { rows, newer };
  }

  function changed(id: string): void {
    for (const reading of readings) reading.add(id);
  }

  function touch(id: string): void {
    changed(id);
    unsaved.set(id, {});
    cancelSave ??= clock.after(DRAFT_SAVE_MS, save);
  }

  /** What was written down here came after. One from the future is from before the clock was put back. */
  function isPast(id: string, at = Infinity): boolean {
    const last = writtenAt.get(id) ?? 0;
    return at < last && last <= clock.now();
  }

  function show(id: string, value: unknown, at?: number): void {
    // Of a text and a removal at the same moment the text stays.
    if (!unsaved.has(id) && !isPast(id, value ? at : at && at - 1)) state.drafts.set(id, (value as Draft | undefined)?.text);
  }

  /** Written by two tabs at once: which of them came last only the storage knows. */
  async function look(id: string): Promise<void> {
    await saved;
    const found = await read();
    // What is still to be written down comes last.
    if (!found || unsaved.has(id)) return;
    if (found.newer.has(id)) return look(id);
    const draft = found.rows.find((row) => row.id === id)?.value as Draft | undefined;
    show(id, draft, draft?.at);
  }

  // News may come late: to a page that was frozen, all at once. The last of them may never come, its page being gone.
  shelf.onNews(({ changes, at }) => {
    for (const { kind, id, value } of changes ?? []) {
      if (kind !== 'drafts') continue;
      changed(id);
      show(id, value, at);
      const isPerhapsOld = readings.size > 0 || (at ?? 0) <= readAt;
      if (isPerhapsOld || unsaved.has(id) || at === writtenAt.get(id)) void look(id);
    }
  });
  // A conversation that is gone leaves nothing to write into. What is written down may not even be shown here.
  state.onConversation((id, _, after) => {
    if (!after) set(id, '');
  });

  function set(id: string, text: string): void {
    state.drafts.set(id, text || undefined);
    touch(id);
  }

  /** Shows what an earlier page left, or other tabs while this one was frozen. */
  async function load(isAgain = false): Promise<void> {
    if (!shelf.owner) return;
    const found = await read();
    if (!found) {
      if (isStarted) reload.later();
      // Once is said often enough.
      return isAgain ? undefined : save();
    }
    reload.stop();
    const { rows, newer } = found;
    // Sent or taken back in another tab while this one did not hear of it.
    const kept = new Set(rows.map(({ id }) => id));
    for (const id of state.drafts.keys()) if (!kept.has(id) && !newer.has(id)) show(id, undefined);
    const byAge = rows.toSorted((a, b) => (b.value as Draft).at - (a.value as Draft).at);
    for (const { id, value } of byAge.slice(0, DRAFTS_KEPT)) if (!newer.has(id)) show(id, value, (value as Draft).at);
    const old = byAge.slice(DRAFTS_KEPT).map(({ id }) => shelf.row('drafts', id));
    if (old.length > 0) shelf.write(old).catch(nothing);
    save();
  }

  return {
    set,
    save,
    load: () => load(),
    /** What was written is a message now; the answer is to be written down with that, in one step. */
    taken(id: string): StorageChange[] {
      state.drafts.set(id, undefined);
      unsaved.delete(id);
      changed(id);
      sentFrom.add(id);
      return [rowOf(id)];
    },
    /**
     * The message is stored by the server. Could it not be written down here, its draft still is: what came after, in any
     * tab, stays. Sent from another tab, which may have crashed before it could tell, its draft may still be shown here: of
     * this conversation, or of one that leads here.
     */
    async settled(id: string): Promise<void> {
      const isFromHere = sentFrom.delete(id);
      const shown = [...state.drafts.keys()].filter((each) => state.drafts.get(each));
      if (!isFromHere && shown.length === 0) return;
      const found = await read();
      if (!found) return;
      for (const each of new Set([id, ...shown])) {
        if (found.newer.has(each)) continue;
        const draft = found.rows.find((row) => row.id === each)?.value as Draft | undefined;
        if (each === id && isFromHere && draft && isPast(id, draft.at)) shelf.write([shelf.row('drafts', id)]).catch(nothing);
        else show(each, draft, draft?.at);
      }
    },
    start(): void {
      isStarted = true;
      void load();
    },
    stop(): void {
      isStarted = false;
      reload.stop();
      save();
    },
    forget(): void {
      cancelSave?.();
      cancelSave = undefined;
      unsaved = new Map();
      sentFrom.clear();
      writtenAt.clear();
    },
  };
}
