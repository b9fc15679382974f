import { createLiveChat } from '@parlor/client';
import { LiveChatProvider } from '@parlor/react';
import { useState } from 'react';
import { Chat } from './chat.tsx';
import { visitorToken } from './visitor.ts';

const goods = [
  { name: 'Walnut desk lamp', price: '€ 89', tone: 'warm' },
  { name: 'Linen notebook', price: '€ 14', tone: 'cool' },
  { name: 'Stoneware mug', price: '€ 22', tone: 'earth' },
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
            {goods.map(({ name, price, tone }) => (
              <li key={name} data-tone={tone}>
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
