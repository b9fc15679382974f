import { createLiveChat } from '@parlor/client';
import { LiveChatProvider } from '@parlor/react';
import { useState } from 'react';
import { Chat } from './chat.tsx';
import { visitorToken } from './visitor.ts';

const goods = [
  { name: 'Walnut desk lamp', price: '€ 89', tone: 'warm', shape: 'M30 62h20M40 62V44L54 26M46 18l18 14-13 5-10-8Z' },
  { name: 'Linen notebook', price: '€ 14', tone: 'cool', shape: 'M24 16h30a4 4 0 0 1 4 4v40a4 4 0 0 1-4 4H24ZM32 16v48M40 28h11M40 36h11' },
  { name: 'Stoneware mug', price: '€ 22', tone: 'earth', shape: 'M22 28h30v26a8 8 0 0 1-8 8H30a8 8 0 0 1-8-8ZM52 34h5a6 6 0 0 1 0 14h-5' },
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
            Not signed in there? Run <code>parlor link</code>, or use the link that <code>make run</code> printed.
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
