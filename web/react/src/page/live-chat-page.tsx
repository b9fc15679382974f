import { useCallback, useImperativeHandle, useRef, useState, type ErrorInfo, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { classNames } from '../class-name.ts';
import { useInboxView } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import { ConversationList, type ConversationListSlots } from '../list/conversation-list.tsx';
import { useParlor } from '../provider.tsx';
import { directionOf } from '../text/direction.ts';
import { LiveChatView, type LiveChatViewSlots } from '../thread/live-chat-view.tsx';
import type { PageCommand } from '../commands/command.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { ErrorBanner } from './error-banner.tsx';
import { focusComposer, focusRow, isListShown } from './focus.ts';
import { LateCommands } from './late-commands.tsx';
import { LiveChatHeader } from './live-chat-header.tsx';
import { PaneBoundary } from './pane-boundary.tsx';

export interface LiveChatPageSlots {
  /** In place of the page's header; null for none. */
  header?: ReactNode;
  headerStart?: ReactNode;
  headerEnd?: ReactNode;
  list?: ConversationListSlots;
  thread?: LiveChatViewSlots;
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
  const { selectedConversationId: selectedId } = useInboxView();
  const root = useRef<HTMLDivElement>(null);
  useImperativeHandle(ref, () => root.current as HTMLDivElement, []);
  // Focus follows what the agent opens, not what the address bar opened.
  const [initialId] = useState(selectedId);

  // The open conversation chosen once more: what one wants is to answer.
  const onSelect = useCallback((id: string) => {
    const open = root.current?.querySelector<HTMLElement>('[data-conversation]');
    if (open?.dataset['conversation'] === id) focusComposer(root.current);
  }, []);
  const back = useCallback(() => {
    inbox.select(undefined);
    focusRow(root.current);
  }, [inbox]);

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
      <main className="pl-panes" tabIndex={-1} data-selected={selectedId !== undefined} onKeyDown={onEscape}>
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
              <LiveChatView
                conversationId={selectedId}
                onBack={back}
                onTypingChange={onTypingChange}
                focusOnOpen={selectedId !== initialId}
                slots={slots?.thread}
              />
            </PaneBoundary>
          )}
        </section>
      </main>
      {side === 'team' && <LateCommands root={root} extra={commands} />}
    </div>
  );
}
