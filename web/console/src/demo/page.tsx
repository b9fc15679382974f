import { createLiveChat } from '@parlor/client';
import { LiveChatProvider } from '@parlor/react';
import { useEffect, useState } from 'react';
import { useLanguage } from '../text/words.tsx';
import { Chat } from './chat.tsx';
import { visitorToken } from './visitor.ts';

const goods = [
  { price: 79, tone: 'warm', shape: 'M28 64h24M40 64V46L30 30l18-12M44 12l16 12-9 7-11-13Z' },
  { price: 129, tone: 'cool', shape: 'M30 66h20M40 66V40M24 26a16 16 0 0 1 32 0v14H24Z' },
  { price: 39, tone: 'earth', shape: 'M30 60h20v-8H30ZM30 52a18 18 0 1 1 20 0M40 52V38' },
] as const;

/** A shop that sells nothing: the place where a newcomer is the visitor. */
export function DemoPage() {
  const [client] = useState(() => createLiveChat({ token: () => visitorToken() }));
  const { words } = useLanguage();
  const { own } = words;
  const price = new Intl.NumberFormat(words.locale, { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });
  useEffect(() => {
    document.title = `${own.demoTitle} · Parlor`;
  }, [own]);
  return (
    <LiveChatProvider client={client} side="user" locale={words.locale} messages={words.components}>
      <div className="pl-root demo">
        <main className="demo-shop">
          <p className="demo-tag">{own.demoTag}</p>
          <h1>{own.demoTitle}</h1>
          <p className="demo-lead">
            {own.demoLead[0]}
            <a href="/" target="_blank" rel="noopener">
              {own.demoLead[1]}
            </a>
            {own.demoLead[2]}
          </p>
          <p className="demo-hint">
            {own.demoHint[0]}
            <code dir="ltr">parlor link --workspace demo</code>
            {own.demoHint[1]}
          </p>
          <ul className="demo-goods" aria-label={own.demoGoods}>
            {goods.map(({ price: euros, tone, shape }, index) => (
              <li key={tone} data-tone={tone}>
                <svg viewBox="0 0 80 80" aria-hidden="true">
                  <path d={shape} />
                </svg>
                <strong>{own.demoGoodsNames[index]}</strong>
                <span>{price.format(euros)}</span>
              </li>
            ))}
          </ul>
        </main>
        <aside className="demo-chat" aria-label={own.demoChat}>
          <Chat />
        </aside>
      </div>
    </LiveChatProvider>
  );
}
