import type { LiveChatConversation } from '@parlor/client';
import { useState } from 'react';
import { agentStateOf } from '../agent-state.ts';
import { DeleteDialog } from '../commands/delete-dialog.tsx';
import { SnoozeDialog } from '../commands/snooze-dialog.tsx';
import { useWords } from '../commands/words.ts';
import { keepingOf } from '../hooks/lifecycle-of.ts';
import { useMe } from '../hooks/narrow.ts';
import { nextOf } from '../hooks/next.ts';
import { useNow } from '../hooks/use-now.ts';
import { useParlor } from '../provider.tsx';
import { Section } from './section.tsx';

/** What time does to the conversation, and what keeps it from that. */
export function WhatNext({ conversation }: { conversation: LiveChatConversation }) {
  const parlor = useParlor();
  const { format, overlay } = parlor;
  const words = useWords();
  const me = useMe();
  const [shown, setShown] = useState<'snooze' | 'delete'>();
  const next = nextOf(conversation, words, format, useNow());
  const { id, status, hold = false, snoozedUntil, closedAt, closeReason } = conversation;
  const keeping = keepingOf(parlor, words, id);
  const close = () => setShown(undefined);
  // Over a page it outlasts this panel, which a narrower window takes away.
  const open = (what: 'snooze' | 'delete', from: Element) => (from.closest('.pl-page') === null ? setShown(what) : overlay.set(what));
  return (
    <Section title={words.next}>
      {closedAt && <p>{words.closedWhen(words.systemClosed(closeReason), format.full(closedAt))}</p>}
      <p data-kind={next?.kind} className={next === undefined ? 'pl-muted' : undefined} title={next?.at && format.full(next.at)}>
        {next?.text ?? words.nextNothing}
      </p>
      {status === 'open' && (
        <div className="pl-details-actions">
          <button type="button" className="pl-button" data-variant="outline" onClick={(event) => open('snooze', event.currentTarget)}>
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
      {me?.role === 'admin' && (
        <button type="button" className="pl-button" data-variant="link" data-tone="destructive" onClick={(event) => open('delete', event.currentTarget)}>
          {words.eraseConversation}
        </button>
      )}
      {shown === 'snooze' && <SnoozeDialog id={id} onDone={(text) => agentStateOf(parlor).notices.say({ text })} onClose={close} />}
      {shown === 'delete' && <DeleteDialog id={id} onClose={close} />}
    </Section>
  );
}
