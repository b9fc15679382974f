import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefCallback } from 'react';
import { defaultRangeExtractor, measureElement, useVirtualizer, type Range, type Virtualizer } from '@tanstack/react-virtual';
import { atEndPx, overscanRows } from '../limits.ts';
import { createScrollPlace } from './scroll-place.ts';
import { useResize } from './use-resize.ts';

export interface WindowOptions {
  count: number;
  /** Stable over inserts at either end: the reader's place hangs on it. */
  keyOf(index: number): string;
  /** Height in px before a row was measured. */
  estimate(index: number): number;
  /** `end`: a thread; stays at the end while there, keeps its place when rows come in above. */
  anchor: 'start' | 'end';
  /** Row to show at the top at first; without it a thread opens at its end. */
  initialIndex?: number | undefined;
  /** Where in the view that row is to stand. */
  initialAlign?: 'start' | 'center';
  /** Whether a thread that is read at its end follows what is appended. Off while newer rows are not loaded. */
  follows?: boolean;
  /** This row is rendered wherever it is, or the focus would be scrolled away with it. Below 0: none. */
  kept?: number;
  /** Space above the first row, in px. */
  paddingStart?: number;
  /** The reader came near the first or the last row. Called often; must be cheap when there is nothing to load. */
  onNearStart?(): void;
  onNearEnd?(): void;
}

export interface WindowView {
  rows: readonly { index: number; key: string }[];
  setScroller: RefCallback<HTMLElement>;
  setContainer: RefCallback<HTMLElement>;
  setRow: RefCallback<HTMLElement>;
  /** Within 80 px of the end. Always false for a list that is anchored at its start. */
  isAtEnd: boolean;
  scrollToEnd(): void;
  /** Whoever stood at the end reads on from here: what grows now grows below them. */
  leaveEnd(): void;
  /** Scrolls as little as needed to show a row. */
  reveal(index: number): void;
}

/** How near, in px, the first row may come before older ones are asked for. */
const nearStartPx = 800;
/** How many rows before the last one more are asked for. */
const nearEndRows = 12;

type Rows = Virtualizer<HTMLElement, HTMLElement>;

const knownHeight = (row: HTMLElement, virtual: Rows) => virtual.measurementsCache[virtual.indexFromElement(row)]?.size ?? 0;

/** In a pane that is hidden for a while every row has height 0: what is known stays, or coming back would scroll by all of it. */
function measureShown(row: HTMLElement, entry: ResizeObserverEntry | undefined, virtual: Rows): number {
  return measureElement(row, entry, virtual) || knownHeight(row, virtual);
}

/**
 * Rows of a list are as high as one another, or nearly: what is known is right until the browser has laid the row out, which
 * it tells before it paints. To ask when the row comes would lay out the whole page once more, for every one that moves up.
 */
function measureLater(row: HTMLElement, entry: ResizeObserverEntry | undefined, virtual: Rows): number {
  return entry === undefined ? knownHeight(row, virtual) : measureShown(row, entry, virtual);
}

/** Renders only the rows in view. The one place that knows which virtualiser does it. */
export function useWindow(options: WindowOptions): WindowView {
  'use no memo'; // The virtualiser mutates the object it returns; memoising its reads would freeze the list.
  const { count, keyOf, estimate, anchor, initialIndex, initialAlign = 'start', follows = true, paddingStart = 0, kept = -1 } = options;
  const isThread = anchor === 'end';
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [isAtEnd, setAtEnd] = useState(isThread);
  const atEnd = useRef(isThread);
  const seenHeight = useRef<number>(undefined);
  const seenOffset = useRef<number | null>(null);
  /** Whether rows that came so far were followed: those that close a gap to the newest ones are not. */
  const followed = useRef(follows);
  const standAtEnd = useCallback((now: boolean) => {
    atEnd.current = now;
    setAtEnd(now);
  }, []);
  const latest = useRef(options);
  useLayoutEffect(() => {
    latest.current = options;
  });

  const rangeExtractor = useCallback(
    (range: Range) => {
      const inView = defaultRangeExtractor(range);
      return kept < 0 || inView.includes(kept) ? inView : [...inView, kept].toSorted((a, b) => a - b);
    },
    [kept],
  );
  const [place] = useState(createScrollPlace);
  const stepped = isThread ? place.catchUp(keyOf) : undefined;
  if (stepped) {
    // Taken before these rows came: whether it left the end is told by what was shown until now.
    seenOffset.current = stepped.offset;
    standAtEnd(latest.current.follows !== false && stepped.fromEnd <= atEndPx);
  }
  const virtual = useVirtualizer<HTMLElement, HTMLElement>({
    count,
    getScrollElement: () => scroller,
    getItemKey: keyOf,
    estimateSize: estimate,
    overscan: overscanRows,
    rangeExtractor,
    paddingStart,
    measureElement: isThread ? measureShown : measureLater,
    initialRect: { width: 400, height: 800 },
    anchorTo: anchor,
    scrollEndThreshold: isAtEnd ? atEndPx : -1,
    observeElementOffset: place.observe,
    scrollToFn: place.scroll,
    directDomUpdates: true,
    useFlushSync: false,
    onChange(instance) {
      const { scrollElement } = instance;
      // A hidden pane says nothing of where its reader is. To ask may lay out the page: a list, which has no end to be at, need not.
      if (scrollElement === null || (isThread && scrollElement.clientHeight === 0)) return;
      // Neither height that the view lost nor rows that were added are a step of the reader's away from the end: both are followed.
      const isResized = seenHeight.current !== undefined && scrollElement.clientHeight !== seenHeight.current;
      const isStill = followed.current && instance.scrollOffset === seenOffset.current;
      seenOffset.current = instance.scrollOffset;
      // The end of what is loaded is not the end: what closes the gap to the newest is neither followed nor seen when it comes.
      const isEnd = latest.current.follows !== false;
      const now = isThread && isEnd && (instance.isAtEnd(atEndPx) || ((isResized || isStill) && atEnd.current));
      standAtEnd(now);
      askAtEdges();
    },
  });

  /** Only a thread ever is. */
  const isPlaced = useRef(false);
  function askAtEdges() {
    const { onNearStart, onNearEnd, count: rows } = latest.current;
    const { range, scrollElement } = virtual;
    if (isPlaced.current && scrollElement?.clientHeight && scrollElement.scrollTop < nearStartPx) onNearStart?.();
    if (range && range.endIndex >= rows - nearEndRows) onNearEnd?.();
  }

  /** For what neither scrolls nor changes: the reader may be at the end already. */
  const look = useCallback(() => {
    if (latest.current.follows !== false && isPlaced.current && seenHeight.current !== 0 && virtual.isAtEnd(atEndPx)) standAtEnd(true);
  }, [virtual, standAtEnd]);

  const scrollToEnd = useCallback(() => virtual.scrollToEnd(), [virtual]);

  useLayoutEffect(() => {
    if (!isThread || isPlaced.current || scroller === null || count === 0) return;
    isPlaced.current = true;
    seenHeight.current = scroller.clientHeight;
    if (initialIndex === undefined) return virtual.scrollToEnd();
    virtual.scrollToIndex(initialIndex, { align: initialAlign });
    // Where the end is shows once rows are measured. Until then what grows must not take whoever begins further up there.
    standAtEnd(false);
    requestAnimationFrame(() => requestAnimationFrame(look));
  }, [isThread, scroller, count, initialIndex, initialAlign, virtual, standAtEnd, look]);

  // Not the virtualiser's own following: it looks for a new last row only, and a message of mine is followed by the lines
  // that the server puts before it.
  useLayoutEffect(() => {
    if (follows && atEnd.current && isPlaced.current) virtual.scrollToEnd();
    followed.current = follows;
  }, [follows, keyOf, virtual]);

  // Nothing more came: what was the end of what is loaded is the end.
  useEffect(() => {
    if (follows) look();
  }, [follows, look]);

  // A page that does not fill the view never scrolls, so arriving rows ask as well.
  useEffect(() => {
    if (scroller !== null && count > 0) askAtEdges();
  });

  const stay = useCallback(() => {
    seenHeight.current = virtual.scrollElement?.clientHeight;
    if (atEnd.current && isPlaced.current) virtual.scrollToEnd();
  }, [virtual]);
  // A growing composer or a keyboard takes height away at the bottom: who stood at the end stays there.
  useResize(isThread ? scroller : null, stay);

  return {
    rows: virtual.getVirtualItems().map(({ index, key }) => ({ index, key: String(key) })),
    setScroller,
    setContainer: virtual.containerRef,
    setRow: virtual.measureElement,
    isAtEnd,
    scrollToEnd,
    leaveEnd: () => standAtEnd(false),
    reveal: (index) => virtual.scrollToIndex(index, { align: 'auto' }),
  };
}
