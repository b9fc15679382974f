import type { Funnel, LiveChatConversation } from '@parlor/client';
import { useEffect, useState } from 'react';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useConversationPart, usePicked } from '../hooks/use-picked.ts';
import { useParlor } from '../provider.tsx';
import { Section } from './section.tsx';
import { stepsOf } from './facts.ts';

const funnelOf = ({ funnelId }: LiveChatConversation) => funnelId;

/** The way through the funnel so far, read off the loaded words. */
export function FunnelPath({ id }: { id: string }) {
  const { chat } = useParlor();
  const words = useAgentWords();
  const funnelId = useConversationPart(id, funnelOf);
  useEffect(() => chat.open(id), [chat, id]);
  // Most messages are no step of it.
  const { steps, hasOlder, hasNewer } = usePicked(chat.messages(id), (thread) => ({
    steps: stepsOf(thread.ids.flatMap((each) => chat.message(each).get() ?? [])),
    hasOlder: thread.hasOlder,
    hasNewer: thread.hasNewer,
  }));
  // Where the loaded words end before the newest ones, the person may long be further.
  const stageId = hasNewer ? undefined : steps[steps.length - 1]?.stage;
  const stage = useFunnel(stageId === undefined ? undefined : funnelId)?.stages?.find((each) => each.id === stageId)?.name ?? stageId;
  return (
    <Section title={words.path}>
      {hasOlder && (
        <button type="button" className="pl-button" data-variant="link" onClick={() => void chat.loadOlder(id)}>
          {words.pathOlder}
        </button>
      )}
      {steps.length === 0 ? (
        !hasOlder && !hasNewer && <p className="pl-muted">{words.pathEmpty}</p>
      ) : (
        <ol className="pl-path">
          {steps.map(({ id: stepId, asked, answer }) => (
            <li key={stepId}>
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
