import { createCell } from '../cell.ts';

/** Rows chosen for a change of many. */
export interface Marks {
  /** Whether rows show their boxes. */
  readonly isOn: boolean;
  readonly ids: ReadonlySet<string>;
}

export interface MarksStore {
  get(): Marks;
  subscribe(listener: () => void): () => void;
  /** Shows the boxes. */
  start(): void;
  /** Hides them and chooses nothing. */
  stop(): void;
  /** Chooses a row or no longer; with `through`, the list's order, also all between it and the row before. */
  toggle(id: string, through?: readonly string[]): void;
  set(ids: Iterable<string>): void;
}

const none: Marks = { isOn: false, ids: new Set() };

export function createMarks(): MarksStore {
  const { get, set: publish, subscribe } = createCell(none);
  let lastId: string | undefined;

  return {
    get,
    subscribe,
    start: () => publish({ ...get(), isOn: true }),
    stop() {
      lastId = undefined;
      publish(none);
    },
    set: (ids) => publish({ isOn: true, ids: new Set(ids) }),
    toggle(id, through = []) {
      const ids = new Set(get().ids);
      const isChosen = !ids.has(id);
      const from = lastId === undefined ? -1 : through.indexOf(lastId);
      const to = through.indexOf(id);
      const span = from < 0 || to < 0 ? [id] : through.slice(Math.min(from, to), Math.max(from, to) + 1);
      for (const each of span) {
        if (isChosen) ids.add(each);
        else ids.delete(each);
      }
      lastId = id;
      publish({ isOn: true, ids });
    },
  };
}
