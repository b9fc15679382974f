import { LiveChatError } from '@parlor/client';
import type { Deletion } from '@parlor/client/desk';
import { useDesk, useParlor } from '@parlor/react';
import { useCallback, useEffect, useState } from 'react';
import { useSpoken } from './spoken.ts';

const pageSize = 20;

/** What was deleted, newest first. */
export function DeletionRecord() {
  const { messages } = useParlor();
  const { erasure } = useDesk();
  const { words, date } = useSpoken();
  const [shown, setShown] = useState<{ deletions: readonly Deletion[]; hasMore: boolean }>();
  const [error, setError] = useState<LiveChatError>();

  const load = useCallback(
    (before: readonly Deletion[]) => {
      const last = before[before.length - 1];
      return erasure.deletions({ limit: pageSize, ...(last && { before: last.seq }) }).then(
        ({ deletions, hasMore }) => {
          setError(undefined);
          setShown({ deletions: [...before, ...deletions], hasMore });
        },
        (failure: unknown) => {
          if (failure instanceof LiveChatError) setError(failure);
        },
      );
    },
    [erasure],
  );
  useEffect(() => void load([]), [load]);

  return (
    <section className="card" aria-labelledby="record-title">
      <h2 id="record-title">{words.record}</h2>
      <p>{words.recordHint}</p>
      {shown?.deletions.length === 0 && <p className="pl-muted">{words.recordEmpty}</p>}
      <ol className="record">
        {shown?.deletions.map(({ seq, conversationId, reason, actor, messages: count, deletedAt }) => (
          <li key={seq}>
            <span>
              <strong>{words.reasons[reason]}</strong>
              {actor !== undefined && <span>{words.recordBy(actor)}</span>}
              <span>{words.recordMessages(count)}</span>
            </span>
            <span>
              <time dateTime={deletedAt.toISOString()}>{date(deletedAt)}</time>
              <code dir="ltr">{conversationId}</code>
            </span>
          </li>
        ))}
      </ol>
      {error && (
        <p className="bad" role="alert">
          {messages.loadFailed(messages.problem(error.code, error.message))}{' '}
          <button type="button" className="pl-button" data-variant="link" onClick={() => void load(shown?.deletions ?? [])}>
            {messages.retry}
          </button>
        </p>
      )}
      {shown?.hasMore && (
        <button type="button" className="pl-button" data-variant="outline" onClick={() => void load(shown.deletions)}>
          {words.recordMore}
        </button>
      )}
    </section>
  );
}
