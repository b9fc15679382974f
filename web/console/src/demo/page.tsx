import { createLiveChat } from '@parlor/client';
import { LiveChatProvider } from '@parlor/react';
import { useState } from 'react';
import { Chat } from './chat.tsx';
import { visitorToken } from './visitor.ts';

const goods = [
  { name: 'Heron desk lamp', price: '79 €', tone: 'warm', shape: 'M28 64h24M40 64V46L30 30l18-12M44 12l16 12-9 7-11-13Z' },
  { name: 'Moon floor lamp', price: '129 €', tone: 'cool', shape: 'M30 66h20M40 66V40M24 26a16 16 0 0 1 32 0v14H24Z' },
  { name: 'Firefly night light', price: '39 €', tone: 'earth', shape: 'M30 60h20v-8H30ZM30 52a18 18 0 1 1 20 0M40 52V38' },
] as const;

/** A shop that sells nothing: the place where a newcomer is the visitor. */
export function DemoPage() {
  const [client] = useState(() => createLiveChat({ token: () => visitorToken() }));
  return (
    <LiveChatProvider client={client} side="user">
      <div className="pl-root demo">
        <main className="demo-shop">
          <p className="demo-tag">Parlor demo</p>
          <h1>Demo shop</h1>
          <p className="demo-lead">
            Here you are the visitor. Write something in the chat, then answer yourself as an agent: open the{' '}
            <a href="/" target="_blank" rel="noopener">
              console in a new tab
            </a>
            .
          </p>
          <p className="demo-hint">
            Not signed in there? Use the one-click link that Parlor printed when it started, or make another one with{' '}
            <code>parlor link --workspace demo</code>.
          </p>
          <ul className="demo-goods" aria-label="Goods">
            {goods.map(({ name, price, tone, shape }) => (
              <li key={name} data-tone={tone}>
                <svg viewBox="0 0 80 80" aria-hidden="true">
                  <path d={shape} />
                </svg>
                <strong>{name}</strong>
                <span>{price}</span>
              </li>
            ))}
          </ul>
        </main>
        <aside className="demo-chat" aria-label="Chat">
          <Chat />
        </aside>
      </div>
    </LiveChatProvider>
  );
}
