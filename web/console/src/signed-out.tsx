import { useEffect, useRef } from 'react';
import type { SignIn } from './session.ts';
import { useWords } from './text/words.tsx';

const command: Partial<Record<SignIn, string>> = { out: 'parlor link', refused: 'parlor link', unreachable: 'parlor serve' };

/** For whoever has no session: how to get one. */
export function SignedOut({ why, onRetry }: { why: Exclude<SignIn, 'in'>; onRetry(): void }) {
  const words = useWords();
  const [before, after] = words.linkNote;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // What had the focus went with the page: this is what there is now.
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <main className="pl-root door">
      <div className="door-box">
        <img src="/favicon.svg" alt="" width="40" height="40" />
        <h1 ref={heading} tabIndex={-1}>{words[`${why}Title`]}</h1>
        <p>{words[`${why}Body`]}</p>
        {command[why] && (
          <pre dir="ltr">
            <code>{command[why]}</code>
          </pre>
        )}
        {why === 'unreachable' || why === 'leaving' ? (
          <button type="button" className="pl-button" data-variant="primary" onClick={onRetry}>
            {words.tryAgain}
          </button>
        ) : (
          <p className="door-note">
            {before}
            <code dir="ltr">--workspace demo</code>
            {after}
          </p>
        )}
      </div>
    </main>
  );
}
