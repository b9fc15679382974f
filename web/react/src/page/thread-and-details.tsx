import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import type { ConversationDetailsProps } from '../details/conversation-details.tsx';
import { createPart } from '../part.tsx';
import type { LiveChatViewProps } from '../thread/live-chat-view.tsx';
import type { LiveChatPageProps, LiveChatPageSlots } from './live-chat-page.tsx';
import { PaneBoundary } from './pane-boundary.tsx';

/** Its code comes after the thread, which it only stands beside. */
const LazyDetails = createPart<ConversationDetailsProps>(
  async () => (await import('../details/conversation-details.tsx')).ConversationDetails,
);

/** How a page shows them: the same for all of its conversations. */
export interface Docking {
  /** There is room for a third pane. */
  isWide: boolean;
  /** Wanted there. */
  isDocked: boolean;
  setDocked(isDocked: boolean): void;
}

export interface ThreadAndDetailsProps {
  conversationId: string;
  docking: Docking;
  details: LiveChatPageSlots['details'];
  onError: LiveChatPageProps['onError'];
  children(details: LiveChatViewProps['details']): ReactNode;
}

/** Beside the thread where there is room; over it, as a sheet of its own, where there is not. */
export function ThreadAndDetails({ conversationId, docking, details, onError, children }: ThreadAndDetailsProps) {
  const { isWide, isDocked, setDocked } = docking;
  const [isSheet, setSheet] = useState(false);
  const isOpen = details !== null && (isWide ? isDocked : isSheet);
  const isOver = isOpen && !isWide;
  const root = useFocusBack(isOpen);

  const show = isWide ? setDocked : setSheet;
  const close = () => show(false);
  return (
    <div ref={root} className="pl-split" data-details={isOpen ? (isWide ? 'beside' : 'over') : undefined}>
      {children(details === null ? undefined : { isOpen, onToggle: () => show(!isOpen) })}
      {isOpen && (
        <div className="pl-split-end">
          <PaneBoundary onError={onError}>
            {details === undefined ? <LazyDetails conversationId={conversationId} onClose={close} isSheet={isOver} /> : details(conversationId, close)}
          </PaneBoundary>
        </div>
      )}
    </div>
  );
}

/** Closed from within, the panel leaves the focus on the button that opens it. */
function useFocusBack(isOpen: boolean) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const element = root.current;
    return () => {
      if (document.activeElement === document.body) element?.querySelector<HTMLElement>('.pl-details-toggle')?.focus();
    };
  }, [isOpen]);
  return root;
}

/** Room for a third pane, in px of the page. */
const widePx = 1_180;

export function useDocking(panes: { readonly current: HTMLElement | null }): Docking {
  const [isWide, setWide] = useState(false);
  const [isDocked, setDocked] = useState(true);
  useLayoutEffect(() => {
    const element = panes.current;
    if (element === null || typeof ResizeObserver === 'undefined') return;
    const measure = () => setWide(element.offsetWidth >= widePx);
    // At once as well: what is there from the first paint does not push the thread aside later.
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [panes]);
  return { isWide, isDocked, setDocked };
}
