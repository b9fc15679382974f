import { createLiveChat, type LiveChat } from '@parlor/client';
import { createContext, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { createCell, type Cell } from './cell.ts';
import { createClock, type Clock } from './clock.ts';
import type { Desk } from './desk.ts';
import { createInbox, type InboxStore, type InboxView } from './inbox.ts';
import { defaultPreferences, type Preferences } from './preferences.ts';
import type { AgentMessages } from './text/agent-messages.ts';
import type { CommandMessages } from './text/command-messages.ts';
import { createFormat, type Format } from './text/format.ts';
import { english, type Messages } from './text/messages.ts';

/** What lies over the page. One at a time. */
export type Overlay = 'palette' | 'help' | 'snooze' | 'assign' | 'label' | 'delete' | 'filter' | 'assign-selected' | 'label-selected';

/** What everything under a provider shares. Its identity changes only with the provider's own props. */
export interface Parlor {
  chat: LiveChat;
  inbox: InboxStore;
  clock: Clock;
  messages: Messages & Partial<AgentMessages & CommandMessages>;
  format: Format;
  /** As it was given; undefined: the browser's. */
  locale: string | undefined;
  preferences: Cell<Preferences>;
  /** Opens and closes what the commands of a page show over it. */
  overlay: Cell<Overlay | undefined>;
  /** Whose eyes: `team` answers, `user` is the person in the funnel. Sides of the thread stay where they are. */
  side: 'team' | 'user';
  /** What agents share; absent where the host gives none. */
  desk: Desk | undefined;
  /** Where a message can be linked to. */
  messageHref: MessageHref | undefined;
}

type MessageHref = (conversationId: string, seq: number) => string;

type Token = string | (() => string | Promise<string>);

interface Common {
  children: ReactNode;
  /** BCP 47. Default: the browser's. */
  locale?: string;
  /** Words that differ from the English ones; a whole language is a whole object. */
  messages?: Partial<Messages & AgentMessages & CommandMessages>;
  /** Chosen before, as `onPreferencesChange` told it. */
  preferences?: Partial<Preferences> | undefined;
  onPreferencesChange?: ((preferences: Preferences) => void) | undefined;
  side?: 'team' | 'user';
  /** What is selected, filtered and searched at first. */
  initialView?: Partial<InboxView>;
  /** Agents, labels and saved answers: `createDesk(client)` of `@parlor/client/desk`. */
  desk?: Desk;
  /** The address that opens a conversation at a message. With it messages have "Copy link". */
  messageHref?: MessageHref;
}

export type LiveChatProviderProps = Common &
  (
    | {
        /** A client of your own. It is started here and left running when the provider goes. */
        client: LiveChat;
        url?: never;
        token?: never;
      }
    | {
        client?: never;
        /** Where the server is. Default: the page's own origin. */
        url?: string;
        /** Leave it out where a cookie signs the page in. Asked again whenever the server refuses one. */
        token?: Token;
      }
  );

const Context = createContext<Parlor | undefined>(undefined);

export function useParlor(): Parlor {
  const parlor = useContext(Context);
  if (parlor === undefined) throw new Error('Put <LiveChatProvider> around the components of @parlor/react.');
  return parlor;
}

function createOwnClient(url: string | undefined, token: Token | undefined) {
  // The host may pass a new closure on every render; the client always asks the last one.
  const holder = { token };
  const ask = () => (typeof holder.token === 'function' ? holder.token() : (holder.token ?? ''));
  const chat = createLiveChat({ ...(url !== undefined && { url }), ...(token !== undefined && { token: ask }) });
  return {
    chat,
    setToken(next: Token | undefined) {
      holder.token = next;
    },
  };
}

/** Hosts pass new closures on every render; callers find the last one. */
function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}

interface First {
  token: Token | undefined;
  initialView: Partial<InboxView> | undefined;
  preferences: Partial<Preferences> | undefined;
}

/** Made once for a client. Another language changes the words and keeps what one looks at. */
function createOwnState(chat: LiveChat, { initialView, preferences }: First) {
  return {
    chat,
    inbox: createInbox(initialView),
    clock: createClock(),
    preferences: createCell<Preferences>({ ...defaultPreferences, ...preferences }),
    overlay: createCell<Overlay | undefined>(undefined),
  };
}

export function LiveChatProvider(props: LiveChatProviderProps) {
  const { client, url, token, locale, messages, side = 'team', initialView, preferences, onPreferencesChange, desk, messageHref, children } = props;
  const hasToken = token !== undefined;
  const [first] = useState<First>({ token, initialView, preferences });
  const own = useMemo(
    () => (client === undefined ? createOwnClient(url, hasToken ? first.token : undefined) : undefined),
    [client, url, hasToken, first],
  );
  useLayoutEffect(() => own?.setToken(token), [own, token]);
  const chat = client ?? own?.chat;

  useEffect(() => {
    chat?.start();
    return () => own?.chat.stop();
  }, [chat, own]);

  const state = useMemo(() => (chat === undefined ? undefined : createOwnState(chat, first)), [chat, first]);

  useEffect(() => {
    if (state === undefined || onPreferencesChange === undefined) return;
    return state.preferences.subscribe(() => onPreferencesChange(state.preferences.get()));
  }, [state, onPreferencesChange]);

  const linked = useLatest(messageHref);
  const hasLinks = messageHref !== undefined;
  const parlor = useMemo<Parlor | undefined>(() => {
    if (state === undefined) return undefined;
    const words = { ...english, ...messages };
    return {
      ...state,
      messages: words,
      format: createFormat(locale, words),
      locale,
      side,
      desk,
      messageHref: hasLinks ? (id, seq) => linked.current?.(id, seq) ?? '' : undefined,
    };
  }, [state, desk, hasLinks, linked, locale, messages, side]);

  return <Context value={parlor}>{children}</Context>;
}
