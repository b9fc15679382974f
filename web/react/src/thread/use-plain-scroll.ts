import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import { atEndPx } from '../limits.ts';
import { useResize } from '../window/use-resize.ts';
import type { Row } from './rows.ts';

export interface PlainScrollOptions {
  rows: readonly Row[];
  /** Row to show at first; without it a thread opens at its end. */
  initialIndex: number | undefined;
  initialAlign: 'start' | 'center';
  /** Whether who reads at the end follows what is appended. Off while newer rows are not loaded. */
  follows: boolean;
}

/** The reader's place among rows that are all on the page: what `useWindow` is for rows that come and go. */
export function usePlainScroll({ rows, initialIndex, initialAlign, follows }: PlainScrollOptions) {
  const [log, setLog] = useState<HTMLElement | null>(null);
  const [list, setList] = useState<HTMLElement | null>(null);
  const [isAtEnd, setAtEnd] = useState(initialIndex === undefined);
  const atEnd = useRef(isAtEnd);
  const isPlaced = useRef(false);
  const head = useRef<{ row: HTMLElement | null; top: number }>({ row: null, top: 0 });

  const look = useCallback(() => {
    // In a pane that is hidden for a while nothing is high, and nothing is seen.
    if (log === null || log.clientHeight === 0) return;
    // The end of what is loaded is not the end: what closes the gap to the newest is neither followed nor seen when it comes.
    atEnd.current = follows && log.scrollHeight - log.scrollTop - log.clientHeight <= atEndPx;
    setAtEnd(atEnd.current);
  }, [log, follows]);
  const scrollToEnd = useCallback(() => {
    // Also of rows that were asked for and are not on the page yet.
    atEnd.current = true;
    setAtEnd(true);
    log?.scrollTo({ top: log.scrollHeight });
  }, [log]);
  const stay = useCallback(() => {
    if (atEnd.current) scrollToEnd();
  }, [scrollToEnd]);

  useLayoutEffect(() => {
    if (log === null || list === null || rows.length === 0) return;
    const { row, top } = head.current;
    const first = initialIndex === undefined ? null : (list.children[initialIndex] as HTMLElement | undefined);
    if (!isPlaced.current && first) {
      log.scrollTo({ top: first.offsetTop - (initialAlign === 'center' ? (log.clientHeight - first.offsetHeight) / 2 : 0) });
      look();
    } else if (!isPlaced.current || (follows && atEnd.current)) {
      scrollToEnd();
    } else {
      // What came in above pushes down what is being read.
      if (row?.isConnected) log.scrollTo({ top: log.scrollTop + row.offsetTop - top });
      look();
    }
    isPlaced.current = true;
    const now = list.firstElementChild as HTMLElement | null;
    head.current = { row: now, top: now?.offsetTop ?? 0 };
  }, [log, list, rows, follows, initialIndex, initialAlign, look, scrollToEnd]);

  useResize(log, stay);
  useResize(list, look);
  return { setLog, setList, isAtEnd, look, scrollToEnd };
}
