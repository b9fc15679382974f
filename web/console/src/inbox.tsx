import type { LiveChat } from '@parlor/client';
import { createDesk } from '@parlor/client/desk';
import { LiveChatPage, LiveChatProvider, useParlor } from '@parlor/react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { messageAddress, readAddress } from './address.ts';
import { useAttention } from './attention/use-attention.ts';
import { Tools, Workspace } from './header.tsx';
import { LatePage } from './late-page.tsx';
import { leaveSettings, usePlace } from './place.ts';
import { settings } from './settings.ts';
import { useLanguage, useWords } from './text/words.tsx';
import { useAddress } from './use-address.ts';
import { usePageCommands } from './use-page-commands.ts';

export interface InboxProps {
  client: LiveChat;
  onSignOut(): void;
}

/** The console of somebody who is signed in. */
export function Inbox({ client, onSignOut }: InboxProps) {
  const desk = useMemo(() => createDesk(client), [client]);
  const [initialView] = useState(() => readAddress(window.location.search));
  const { words } = useLanguage();
  return (
    <LiveChatProvider
      client={client}
      desk={desk}
      messageHref={messageAddress}
      locale={words.locale}
      messages={words.components}
      initialView={initialView}
      preferences={settings.get()}
      onPreferencesChange={settings.set}
    >
      <Page onSignOut={onSignOut} />
    </LiveChatProvider>
  );
}

/** The inbox, or a page of the settings; what calls for attention does so on both. */
function Page({ onSignOut }: Pick<InboxProps, 'onSignOut'>) {
  const { inbox } = useParlor();
  useUnsentWarning();
  const leave = useCallback(() => {
    // What can still be taken back is done now, as long as one may: it is as its notice goes.
    inbox.notice.set(undefined);
    // Its request is on its way by then.
    setTimeout(onSignOut);
  }, [inbox, onSignOut]);
  const place = usePlace();
  return (
    <>
      {place === 'inbox' ? <InboxPage onSignOut={leave} /> : <LatePage key={place} place={place} onLeave={leaveSettings} />}
      <Attention />
    </>
  );
}

/**
 * By itself, so that how many wait is counted without rendering the page; and behind the page, whose list would wait for
 * this one otherwise: the list that is watched first is loaded before all others.
 */
function Attention() {
  useAttention();
  return null;
}

function InboxPage({ onSignOut }: Pick<InboxProps, 'onSignOut'>) {
  useAddress();
  return (
    <LiveChatPage
      className="console"
      commands={usePageCommands(onSignOut)}
      slots={{ headerStart: <Start />, headerEnd: <Tools onSignOut={onSignOut} /> }}
    />
  );
}

function Start() {
  return (
    <>
      <SkipLink />
      <Workspace />
    </>
  );
}

/** Past the header, for whoever walks the page with the Tab key. */
function SkipLink() {
  const words = useWords();
  return (
    <a
      className="skip"
      href="#conversations"
      onClick={(event) => {
        // The address is for filters and conversations.
        event.preventDefault();
        document.querySelector('main')?.focus();
      }}
    >
      {words.skipToList}
    </a>
  );
}

/** Unsent messages live in this page: the browser asks before they go with it. */
function useUnsentWarning() {
  const { chat } = useParlor();
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (chat.connection.get().queued > 0) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [chat]);
}
