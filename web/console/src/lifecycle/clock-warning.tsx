import { LiveChatError } from '@parlor/client';
import type { ClockState } from '@parlor/client/desk';
import { useDesk, useParlor } from '@parlor/react';
import { useState } from 'react';
import { useSpoken } from './spoken.ts';

/** Nothing is erased while the machine's clock cannot be believed. */
export function ClockWarning({ clock, canChange }: { clock: ClockState; canChange: boolean }) {
  const { messages } = useParlor();
  const { lifecycle } = useDesk();
  const { words, duration, date } = useSpoken();
  const [error, setError] = useState<string>();
  if (!clock.isPaused) return null;

  function goOn() {
    setError(undefined);
    lifecycle.goOn().catch((failure: unknown) => {
      setError(failure instanceof LiveChatError ? messages.problem(failure.code, failure.message) : String(failure));
    });
  }
  const { disagreementS = 0, pausedAt } = clock;
  return (
    <section className="card warning" aria-labelledby="clock-title" role="alert">
      <h2 id="clock-title">{words.clockTitle}</h2>
      <p>{words.clockBody(duration(roughly(Math.abs(disagreementS))), pausedAt ? date(pausedAt) : '')}</p>
      {error !== undefined && <p className="bad">{words.failed(error)}</p>}
      {canChange && (
        <div className="buttons">
          <button type="button" className="pl-button" data-variant="primary" onClick={goOn}>
            {words.clockGoOn}
          </button>
          <p>{words.clockNote}</p>
        </div>
      )}
    </section>
  );
}

/** To two digits of its largest unit: nobody wants a jump of a year in seconds. */
function roughly(seconds: number): number {
  for (const unit of [86_400, 3_600, 60]) if (seconds >= unit) return Math.round(seconds / unit) * unit;
  return Math.round(seconds);
}
