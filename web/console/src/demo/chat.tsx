import type { Funnel, MessageOption } from '@parlor/client';
import { ConnectionBanner, ErrorBanner, LiveChatView, useConversation, useConversationList, useParlor } from '@parlor/react';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { useWords } from '../text/words.tsx';
import { Greeting } from './greeting.tsx';

const funnelId = 'demo';
const own = { status: 'open', funnelId } as const;

/** The visitor's side: the greeting until the first word, then the conversation it started. */
export function Chat() {
  const { chat } = useParlor();
  const words = useWords();
  const funnel = useFunnel();
  const list = useConversationList(own);
  const [startedId, setStartedId] = useState<string>();
  const [hasStarted, setHasStarted] = useState(false);
  // Kept once found: a conversation that ends leaves the list of open ones, not the screen.
  const [openId] = list.ids;
  if (startedId === undefined && openId !== undefined) setStartedId(openId);
  const id = useContinuation(startedId);
  const conversation = useConversation(id);

  const start = useCallback(
    (first: { text: string; optionId?: string }) => {
      const started = chat.startConversation({ funnelId, ...first });
      setStartedId(started.id);
      setHasStarted(true);
      // It went into one that was open already, in another tab perhaps. A refusal is shown on the message itself.
      started.accepted.then((stored) => setStartedId(stored.id)).catch(() => undefined);
    },
    [chat],
  );
  const choose = useCallback(
    (option: MessageOption) => {
      if (id !== undefined) chat.send(id, { text: option.text, optionId: option.id });
    },
    [chat, id],
  );

  const isWaiting = funnel === undefined || (!list.isLoaded && list.error === undefined);
  return (
    <div className="demo-panel">
      <header className="demo-panel-header">
        <h2>{words.demoChatTitle}</h2>
        {id !== undefined && conversation?.status === 'open' && (
          <button
            type="button"
            className="pl-button"
            data-variant="outline"
            onClick={() => void chat.update(id, { status: 'closed' }).catch(() => undefined)}
          >
            {words.demoEnd}
          </button>
        )}
        {id !== undefined && conversation?.status === 'closed' && (
          <span className="demo-ended">{words.demoEnded}</span>
        )}
      </header>
      <ConnectionBanner />
      <ErrorBanner />
      {id !== undefined ? (
        <LiveChatView conversationId={id} onOption={choose} focusOnOpen={hasStarted} slots={{ header: null }} />
      ) : isWaiting ? (
        <div className="pl-messages" aria-busy="true" />
      ) : (
        <Greeting funnel={funnel} onText={(text) => start({ text })} onOption={(option) => start({ text: option.text, optionId: option.id })} />
      )}
    </div>
  );
}

/** The demo's funnel, asked for whenever the server can be reached, until it is here. */
function useFunnel(): Funnel | undefined {
  const { chat } = useParlor();
  const { phase } = useSyncExternalStore(chat.connection.subscribe, chat.connection.get, chat.connection.get);
  const [funnel, setFunnel] = useState<Funnel>();
  const isWanted = funnel === undefined && (phase === 'live' || phase === 'polling');
  useEffect(() => {
    let isCurrent = true;
    if (isWanted) chat.funnel(funnelId).then((next) => isCurrent && setFunnel(next), () => undefined);
    return () => {
      isCurrent = false;
    };
  }, [chat, isWanted]);
  return funnel;
}

/** Where the conversation goes on, if a message written long after its end opened another one. */
function useContinuation(id: string | undefined): string | undefined {
  const { chat } = useParlor();
  const readable = chat.continuation(id ?? '');
  const next = useSyncExternalStore(readable.subscribe, readable.get, readable.get);
  return id === undefined ? undefined : (next ?? id);
}
