import type { LiveChat } from '@parlor/client';
import { createDesk } from '@parlor/client/desk';
import { LiveChatPage, LiveChatProvider, useMe, useParlor, useUnreadCount } from '@parlor/react';
import { useEffect, useState } from 'react';
import { readAddress } from './address.ts';
import { ThemeSwitch } from './theme-switch.tsx';
import { useAddress } from './use-address.ts';

export interface InboxProps {
  client: LiveChat;
  onSignOut(): void;
}

/** The console of somebody who is signed in. */
export function Inbox({ client, onSignOut }: InboxProps) {
  const [desk] = useState(() => createDesk(client));
  const [initialView] = useState(() => readAddress(window.location.search));
  return (
    <LiveChatProvider client={client} desk={desk} initialView={initialView}>
      <Page onSignOut={onSignOut} />
    </LiveChatProvider>
  );
}

function Page({ onSignOut }: Pick<InboxProps, 'onSignOut'>) {
  useAddress();
  useTitle();
  useUnsentWarning();
  return <LiveChatPage className="console" slots={{ headerStart: <Workspace />, headerEnd: <Account onSignOut={onSignOut} /> }} />;
}

/** The unread count where one looks for it from another tab. */
function useTitle() {
  const unread = useUnreadCount();
  const workspace = useMe()?.workspace.name;
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${workspace === undefined ? '' : `${workspace} · `}Parlor`;
  }, [unread, workspace]);
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

function Workspace() {
  const me = useMe();
  return me === undefined ? null : <bdi className="workspace">{me.workspace.name}</bdi>;
}

function Account({ onSignOut }: Pick<InboxProps, 'onSignOut'>) {
  const me = useMe();
  return (
    <>
      {me !== undefined && <bdi className="me">{me.name ?? me.sub}</bdi>}
      <ThemeSwitch />
      <button type="button" className="pl-button" onClick={onSignOut}>
        Sign out
      </button>
    </>
  );
}
