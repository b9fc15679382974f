import type { LiveChat } from '@parlor/client';
import { useCallback, useEffect, useMemo, useRef, useState, type FocusEvent, type PointerEvent } from 'react';

/**
 * The rows shown, while somebody is about to use one: none moves. What left the list stays until then, except for what is
 * `gone`; further pages come at the end, and everything else waits.
 */
export function steadied(shown: readonly string[], ids: readonly string[], isGone: (id: string) => boolean): readonly string[] {
  const known = new Set(shown);
  const kept = shown.filter((id) => !isGone(id));
  const more = ids.slice(ids.findLastIndex((id) => known.has(id)) + 1);
  return more.length === 0 && kept.length === shown.length ? shown : [...kept, ...more];
}

/** What the rows shown keep back. Nothing while they are the list itself: that is asked at every change of it. */
function behindOf(shown: readonly string[], ids: readonly string[]): Pick<SteadyRows, 'waiting' | 'isBehind'> {
  if (shown === ids) return { waiting: 0, isBehind: false };
  const known = new Set(shown);
  const waiting = ids.filter((id) => !known.has(id)).length;
  return { waiting, isBehind: waiting > 0 || ids.some((id, index) => id !== shown[index]) };
}

export interface SteadyRows {
  /** What to show. */
  ids: readonly string[];
  /** How many rows wait to be shown; 0 with `isBehind` when only the order differs. */
  waiting: number;
  isBehind: boolean;
  /** The row that has the focus, or that takes the place of the one that had it. Below 0: none. */
  kept: number;
  /** Shows the list as it is. */
  release(): void;
  /** For the element around the rows. */
  handlers: {
    onPointerMove(event: PointerEvent): void;
    onPointerLeave(): void;
    onFocus(event: FocusEvent<HTMLElement>): void;
    onBlur(event: FocusEvent<HTMLElement>): void;
  };
}

/** Keeps rows where they are while the pointer is over them or the focus is on one. */
export function useSteadyRows(chat: LiveChat, ids: readonly string[]): SteadyRows {
  const [isPointed, setPointed] = useState(false);
  const [focused, setFocused] = useState<{ id: string; index: number }>();
  const focusedId = focused?.id;
  const [shown, setShown] = useState(ids);
  const list = useRef<HTMLElement>(null);
  const isHeld = isPointed || focusedId !== undefined;

  const next = useMemo(() => {
    if (!isHeld || shown === ids) return ids;
    const present = new Set(ids);
    // A row that somebody just dealt with by keyboard goes: the next one takes its place, and the focus.
    const isDone = (id: string) => id === focusedId && !isPointed && !present.has(id);
    return steadied(shown, ids, (id) => isDone(id) || chat.conversation(id).get() === undefined);
  }, [chat, ids, shown, isHeld, isPointed, focusedId]);
  if (next !== shown) setShown(next);

  const { waiting, isBehind } = useMemo(() => behindOf(next, ids), [ids, next]);

  // Who types elsewhere only left the pointer lying there.
  useEffect(() => {
    if (!isPointed) return;
    const leave = (event: KeyboardEvent) => {
      if (!list.current?.contains(event.target as Node)) setPointed(false);
    };
    document.addEventListener('keydown', leave, true);
    return () => document.removeEventListener('keydown', leave, true);
  }, [isPointed]);

  const at = focused === undefined ? -1 : next.indexOf(focused.id);
  const kept = focused && at < 0 ? Math.min(focused.index, next.length - 1) : at;
  useEffect(() => {
    if (kept === at || document.activeElement !== document.body) return;
    list.current?.querySelector<HTMLElement>(`[data-index="${kept}"] .pl-card`)?.focus();
  }, [at, kept]);

  const handlers = useMemo<SteadyRows['handlers']>(() => ({
    onPointerMove(event) {
      list.current = event.currentTarget as HTMLElement;
      // A finger is never over anything.
      if (event.pointerType !== 'touch') setPointed(true);
    },
    onPointerLeave: () => setPointed(false),
    onFocus(event) {
      list.current = event.currentTarget;
      const row = event.target.closest<HTMLElement>('[data-row]');
      const { row: id, index } = row?.dataset ?? {};
      setFocused(id ? { id, index: Number(index) } : undefined);
    },
    onBlur(event) {
      if (!event.currentTarget.contains(event.relatedTarget)) setFocused(undefined);
    },
  }), []);

  return { ids: next, waiting, isBehind, kept, release: useCallback(() => setShown(ids), [ids]), handlers };
}
