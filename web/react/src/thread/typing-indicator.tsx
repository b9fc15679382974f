import type { Ref } from 'react';
import { classNames } from '../class-name.ts';
import { useTyping, useUserName } from '../hooks/narrow.ts';
import { useParlor } from '../provider.tsx';

export interface TypingIndicatorProps {
  conversationId: string;
  className?: string;
  ref?: Ref<HTMLDivElement>;
}

/** Always there, so that nothing moves when somebody starts to write. Outside the log: it is no message. */
export function TypingIndicator({ conversationId, className, ref }: TypingIndicatorProps) {
  const { messages } = useParlor();
  const typists = useTyping(conversationId);
  const fallback = { user: useUserName(conversationId) ?? messages.visitor, bot: messages.bot, agent: messages.agent, system: messages.bot };
  return (
    <div ref={ref} className={classNames('pl-typing', className)} data-active={typists.length > 0 || undefined}>
      {typists.length > 0 && (
        <>
          <span className="pl-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span dir="auto">{messages.typing(typists.map((typist) => typist.name ?? fallback[typist.kind]))}</span>
        </>
      )}
    </div>
  );
}
