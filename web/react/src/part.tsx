import { createElement, useSyncExternalStore, type ComponentType, type ReactNode } from 'react';

/** A component whose code comes when it is first wanted. */
export interface Part<P> {
  (props: P): ReactNode;
  /** Fetches the code before it is needed: on the way to a button. */
  prepare(): void;
}

const parts: (() => Promise<void>)[] = [];

/** Everything that would come later, now: for tests, and for pages that go off line. */
export const loadAllParts = async (): Promise<void> => void (await Promise.all(parts.map((load) => load())));

/** Nothing until its code is here. Off line it stays away, and the next time it is wanted it is asked for again. */
export function createPart<P extends object>(load: () => Promise<ComponentType<P>>): Part<P> {
  let Loaded: ComponentType<P> | undefined;
  let asked: Promise<void> | undefined;
  const listeners = new Set<() => void>();

  async function fetch() {
    try {
      Loaded = await load();
      for (const listener of listeners) listener();
    } catch {
      asked = undefined;
    }
  }
  const ask = () => (asked ??= fetch());
  parts.push(ask);
  function subscribe(listener: () => void) {
    void ask();
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  function LoadedPart(props: P) {
    const loaded = useSyncExternalStore(subscribe, () => Loaded, () => Loaded);
    return loaded === undefined ? null : createElement(loaded, props);
  }
  return Object.assign(LoadedPart, { prepare: () => void ask() });
}
