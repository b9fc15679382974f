import { useState } from 'react';
import { agentStateOf } from '../agent-state.ts';
import { SnoozeDialog } from '../commands/snooze-dialog.tsx';
import { useWords } from '../commands/words.ts';
import { keepingOf } from '../hooks/lifecycle-of.ts';
import { lifecycleOf, nextOf } from '../hooks/next.ts';
import { useConversationPart } from '../hooks/use-picked.ts';
import { useNow } from '../hooks/use-now.ts';
import { useParlor } from '../provider.tsx';
import { Section } from './section.tsx';

/** What time does to the conversation, and what keeps it from that. */
export function WhatNext({ id }: { id: string }) {
  const parlor = useParlor();
  const { format, overlay } = parlor;
  const words = useWords();
  const [isSnoozing, setSnoozing] = useState(false);
  const lifecycle = useConversationPart(id, lifecycleOf);
  const now = useNow();
  if (lifecycle === undefined) return null;
  const next = nextOf(lifecycle, words, format, now);
  const { status, hold = false, snoozedUntil, closedAt, closeReason } = lifecycle;
  const keeping = keepingOf(parlor, words, id);
  // Over a page it outlasts this panel, which a narrower window takes away.
  const snooze = (from: Element) => (from.closest('.pl-page') === null ? setSnoozing(true) : overlay.set('snooze'));
  return (
    <Section title={words.next}>
      {closedAt && <p>{words.closedWhen(words.systemClosed(closeReason), format.full(closedAt))}</p>}
      <p data-kind={next?.kind} className={next === undefined ? 'pl-muted' : undefined} title={next?.at && format.full(next.at)}>
        {next?.text ?? words.nextNothing}
      </p>
      {status === 'open' && (
        <div className="pl-details-actions">
          <button type="button" className="pl-button" data-variant="outline" onClick={(event) => snooze(event.currentTarget)}>
            {words.chooseSnooze}
          </button>
          {snoozedUntil && (
            <button type="button" className="pl-button" data-variant="outline" onClick={keeping.wake}>
              {words.snoozeEnd}
            </button>
          )}
        </div>
      )}
      <label className="pl-check">
        <input type="checkbox" checked={hold} onChange={(event) => keeping.hold(event.target.checked)} />
        <span>
          {words.hold}
          <small className="pl-muted">{words.holdHint}</small>
        </span>
      </label>
      {isSnoozing && <SnoozeDialog id={id} onDone={(text) => agentStateOf(parlor).notices.say({ text })} onClose={() => setSnoozing(false)} />}
    </Section>
  );
}
