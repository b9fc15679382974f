import type { Funnel, LiveChatConversation } from '@parlor/client';
import { useEffect, useMemo, useState } from 'react';
import { useThread } from '../hooks/narrow.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useParlor } from '../provider.tsx';
import { Section } from './section.tsx';
import { stepsOf } from './facts.ts';

/** The way through the funnel so far, read off the loaded words. */
export function FunnelPath({ conversation }: { conversation: LiveChatConversation }) {
  const { chat } = useParlor();
  const words = useAgentWords();
  const thread = useThread(conversation.id);
  const steps = useMemo(() => stepsOf(thread.ids.flatMap((id) => chat.message(id).get() ?? [])), [chat, thread.ids]);
  // Where the loaded words end before the newest ones, the person may long be further.
  const stageId = thread.hasNewer ? undefined : steps[steps.length - 1]?.stage;
  const stage = useFunnel(stageId === undefined ? undefined : conversation.funnelId)?.stages?.find(({ id }) => id === stageId)?.name ?? stageId;
  return (
    <Section title={words.path}>
      {thread.hasOlder && (
        <button type="button" className="pl-button" data-variant="link" onClick={() => void chat.loadOlder(conversation.id)}>
          {words.pathOlder}
        </button>
      )}
      {steps.length === 0 ? (
        !thread.hasOlder && !thread.hasNewer && <p className="pl-muted">{words.pathEmpty}</p>
      ) : (
        <ol className="pl-path">
          {steps.map(({ id, asked, answer }) => (
            <li key={id}>
              <span>
                <bdi>{asked}</bdi>
              </span>
              {answer !== undefined && (
                <strong>
                  <bdi>{answer}</bdi>
                </strong>
              )}
            </li>
          ))}
        </ol>
      )}
      {stage !== undefined && <p>{words.pathStage(stage)}</p>}
    </Section>
  );
}

/** For its names only: without them the ids are shown. */
function useFunnel(id: string | undefined): Funnel | undefined {
  const { chat } = useParlor();
  const [funnel, setFunnel] = useState<Funnel>();
  useEffect(() => {
    if (id === undefined) return;
    let isWanted = true;
    chat.funnel(id).then(
      (found) => isWanted && setFunnel(found),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [chat, id]);
  return funnel?.id === id ? funnel : undefined;
}
