import { elementScroll, observeElementOffset, type Virtualizer } from '@tanstack/react-virtual';

type Rows = Virtualizer<HTMLElement, HTMLElement>;

interface Caught {
  /** Where the virtualiser believes the scroller to be, that step included. */
  offset: number;
  /** How far below the view the end of what is shown is, in px. */
  fromEnd: number;
}

/**
 * The virtualiser keeps a reader's place from where the last scroll event found it, and the browser tells of a step only with the
 * next frame: rows that come in between would put the reader back to before that step. This knows where the virtualiser
 * believes them to be, so that it can be told in time.
 */
export function createScrollPlace() {
  let virtual: Rows | undefined;
  let known = 0;
  /** In a pane that is not displayed everything is 0, how far one has read too: it says nothing of where the reader is. */
  const look = (scroller: HTMLElement | null) => {
    if (scroller?.clientHeight) known = scroller.scrollTop;
  };

  return {
    observe(instance: Rows, tell: (offset: number, isScrolling: boolean) => void) {
      virtual = instance;
      return observeElementOffset(instance, (_, isScrolling) => {
        // The end of a scroll is told a moment after it, and by then the pane may be hidden.
        look(instance.scrollElement);
        tell(known, isScrolling);
      });
    },
    scroll(offset: number, how: Parameters<typeof elementScroll>[1], instance: Rows) {
      elementScroll(offset, how, instance);
      look(instance.scrollElement);
    },
    /**
     * For the moment before other rows are shown. Answers where it is now when there was a step that it had not been told of.
     * To ask where the scroller is may lay out the page: not for every render.
     */
    catchUp(keyOf: Rows['options']['getItemKey']): Caught | undefined {
      if (!virtual || virtual.options.getItemKey === keyOf || !virtual.scrollElement?.clientHeight) return undefined;
      const { scrollTop, scrollHeight, clientHeight } = virtual.scrollElement;
      const step = scrollTop - known;
      if (step === 0) return undefined;
      known += step;
      // Only the step: what else its offset holds, such as a place that the page is not long enough for yet, is the virtualiser's.
      virtual.scrollOffset = (virtual.scrollOffset ?? 0) + step;
      // The page's own scroll to the end may not have been told of either, and then that offset is from before it.
      return { offset: virtual.scrollOffset, fromEnd: scrollHeight - clientHeight - scrollTop };
    },
  };
}
