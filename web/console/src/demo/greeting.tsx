import type { Funnel, MessageOption } from '@parlor/client';
import { Avatar, Composer, useParlor } from '@parlor/react';
import { useState } from 'react';
import { useWords } from '../text/words.tsx';

export interface GreetingProps {
  funnel: Funnel;
  onText(text: string): void;
  onOption(option: MessageOption): void;
}

/** The funnel's first words, before anything exists on the server: looking at them starts no conversation. */
export function Greeting({ funnel, onText, onOption }: GreetingProps) {
  const { messages } = useParlor();
  const words = useWords();
  const [text, setText] = useState('');
  const block = funnel.blocks[funnel.startBlockId];
  return (
    <section className="pl-thread">
      <div className="pl-messages">
        <div className="pl-scroll demo-greeting">
          <div className="pl-row">
            <div className="pl-message" data-author="bot" data-side="start" data-first="">
              <Avatar kind="bot" name={messages.bot} size="small" />
              <div className="pl-message-author">
                <bdi>{messages.bot}</bdi>
                <small>{messages.botTag}</small>
              </div>
              <div className="pl-message-main">
                <div className="pl-bubble" dir="auto">
                  <div className="pl-bubble-text">{block?.message}</div>
                </div>
                <div className="pl-options" role="group" aria-label={messages.options}>
                  {block?.options.map((option) => {
                    const { id } = option;
                    if (id === undefined) return null;
                    return (
                      <button key={id} type="button" className="pl-button" onClick={() => onOption({ id, text: option.text })}>
                        {option.text}
                      </button>
                    );
                  })}
                </div>
              </div>
            </div>
          </div>
        </div>
      </div>
      <Composer value={text} onChange={setText} onSend={onText} label={words.demoField} placeholder={words.demoFieldHint} />
    </section>
  );
}
