import { useCallback, useEffect, useImperativeHandle, useRef, useState, type ErrorInfo, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { classNames } from '../class-name.ts';
import type { PageCommand } from '../commands/command.ts';
import { useInboxView, useNotice } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import { ConversationList, type ConversationListSlots } from '../list/conversation-list.tsx';
import { UndoNotice } from '../list/lazy-tools.ts';
import { useParlor } from '../provider.tsx';
import { directionOf } from '../text/direction.ts';
import { LazyTeamComposer } from '../thread/live-chat-composer.tsx';
import { LazyActions, LazyNext } from '../thread/live-chat-thread-header.tsx';
import { LiveChatView, type LiveChatViewSlots } from '../thread/live-chat-view.tsx';
import { LazyNoteBubble } from '../thread/thread-row.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { ErrorBanner } from './error-banner.tsx';
import { focusComposer, focusRow, isListShown } from './focus.ts';
import { LateCommands } from './late-commands.tsx';
import { LiveChatHeader } from './live-chat-header.tsx';
import { PaneBoundary } from './pane-boundary.tsx';
import { ThreadAndDetails, useDocking } from './thread-and-details.tsx';

export interface LiveChatPageSlots {
  /** In place of the page's header; null for none. */
  header?: ReactNode;
  headerStart?: ReactNode;
  headerEnd?: ReactNode;
  list?: ConversationListSlots;
  thread?: LiveChatViewSlots;
  /** In place of the panel beside the thread; null for none. */
  details?: ((conversationId: string, onClose: () => void) => ReactNode) | null;
}

export interface LiveChatPageProps {
  /** Shows a button that leads out of the page. */
  onBack?: () => void;
  onTypingChange?: (isTyping: boolean) => void;
  /** Our side at the inline start, the user at the inline end. */
  perspective?: 'agent-left';
  /** Default: the nearest `data-theme` or `.dark`, else the system's. */
  theme?: 'light' | 'dark';
  onError?: (error: unknown, info: ErrorInfo) => void;
  /** More actions for the palette (Ctrl+K, ⌘K on a Mac). Keep them in a constant or a memo. */
  commands?: readonly PageCommand[];
  className?: string;
  ref?: Ref<HTMLDivElement>;
  slots?: LiveChatPageSlots;
}

/** The whole inbox: list and thread side by side where there is room, one after the other where there is not. */
export function LiveChatPage(props: LiveChatPageProps) {
  const { onBack, onTypingChange, perspective = 'agent-left', theme, onError, commands, className, ref, slots } = props;
  const { inbox, locale, messages, side } = useParlor();
  const { selectedConversationId: selectedId, messageSeq, noteId, messageTurn } = useInboxView();
  const notice = useNotice();
  const root = useRef<HTMLDivElement>(null);
  useImperativeHandle(ref, () => root.current as HTMLDivElement, []);
  const panes = useRef<HTMLElement>(null);
  const docking = useDocking(panes);
  useEffect(() => {
    if (side === 'team') for (const part of [LazyActions, LazyNext, LazyTeamComposer, LazyNoteBubble]) part.prepare();
  }, [side]);
  // Focus follows what the agent opens, not what the address bar opened.
  const [initialId, setInitialId] = useState(selectedId);
  if (initialId && initialId !== selectedId) setInitialId(undefined);

  // The open conversation chosen once more: what one wants is to answer.
  const onSelect = useCallback((id: string) => {
    const open = root.current?.querySelector<HTMLElement>('[data-conversation]');
    if (open?.dataset['conversation'] === id) focusComposer(root.current);
  }, []);
  const back = useCallback(() => {
    inbox.select(undefined);
    focusRow(root.current);
  }, [inbox]);

  // What is taken back has to be in the list before the focus is: rows do not move from under it.
  const leaveNotice = useCallback(() => void requestAnimationFrame(() => focusRow(root.current)), []);

  function onEscape(event: KeyboardEvent) {
    if (event.key !== 'Escape' || event.defaultPrevented || event.nativeEvent.isComposing) return;
    if ((event.target as Element).closest('[data-pane="thread"]') === null) return;
    // With both panes visible the thread stays; with one, Escape is the way back.
    if (root.current === null || isListShown(root.current)) focusRow(root.current);
    else back();
  }

  return (
    <div
      ref={root}
      className={classNames('pl-root pl-page', className)}
      lang={locale}
      dir={locale && directionOf(locale)}
      data-theme={theme}
      data-perspective={perspective}
    >
      {slots?.header === undefined ? (
        <LiveChatHeader onBack={onBack} slots={{ start: slots?.headerStart, end: slots?.headerEnd }} />
      ) : (
        slots.header
      )}
      <ConnectionBanner />
      <ErrorBanner />
      <main ref={panes} className="pl-panes" tabIndex={-1} data-selected={selectedId !== undefined} onKeyDown={onEscape}>
        <nav className="pl-pane" data-pane="list" aria-label={messages.conversations}>
          <PaneBoundary onError={onError}>
            <ConversationList onSelect={onSelect} slots={slots?.list} />
          </PaneBoundary>
        </nav>
        <section className="pl-pane" data-pane="thread">
          {selectedId === undefined ? (
            <div className="pl-empty">
              <Icon name="inbox" />
              <strong>{messages.nothingSelectedTitle}</strong>
              <p>{messages.nothingSelectedBody}</p>
            </div>
          ) : (
            <PaneBoundary key={selectedId} onError={onError}>
              <ThreadAndDetails
                conversationId={selectedId}
                docking={docking}
                details={side === 'user' ? null : slots?.details}
                onError={onError}
              >
                {(details) => (
                  <LiveChatView
                    conversationId={selectedId}
                    onBack={back}
                    onTypingChange={onTypingChange}
                    focusOnOpen={selectedId !== initialId}
                    messageSeq={messageSeq}
                    noteId={noteId}
                    messageTurn={messageTurn}
                    details={details}
                    slots={slots?.thread}
                  />
                )}
              </ThreadAndDetails>
            </PaneBoundary>
          )}
        </section>
      </main>
      <div className="pl-notice" role="status">
        {notice && <UndoNotice notice={notice} onLeave={leaveNotice} />}
      </div>
      {side === 'team' && <LateCommands root={root} extra={commands} />}
    </div>
  );
}
