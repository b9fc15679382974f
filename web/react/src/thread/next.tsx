import { lifecycleOf, nextOf } from '../hooks/next.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useNow } from '../hooks/use-now.ts';
import { useConversationPart } from '../hooks/use-picked.ts';
import { useParlor } from '../provider.tsx';

export interface NextProps {
  conversationId: string;
}

/** When it closes, wakes or is erased, in the header's line. Renders alone as time passes. */
export function Next({ conversationId }: NextProps) {
  const { format } = useParlor();
  const words = useAgentWords();
  const lifecycle = useConversationPart(conversationId, lifecycleOf);
  const now = useNow();
  const next = lifecycle && nextOf(lifecycle, words, format, now);
  // What is to be said at length is said in the details.
  if (next === undefined || next.kind === 'marked') return null;
  return (
    <span data-part="next" data-kind={next.kind} title={next.at && format.full(next.at)}>
      <span>{next.text}</span>
    </span>
  );
}
