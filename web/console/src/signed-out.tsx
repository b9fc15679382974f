import type { SignIn } from './session.ts';

const words: Record<Exclude<SignIn, 'in'>, { title: string; body: string }> = {
  out: {
    title: 'Sign in to Parlor',
    body: 'You open the console with a one-click link. Make one on the machine that runs Parlor:',
  },
  refused: {
    title: 'This link does not work any more',
    body: 'A link works once and for 15 minutes. Make a new one on the machine that runs Parlor:',
  },
  unreachable: {
    title: 'Parlor does not answer',
    body: 'The server cannot be reached or is starting. Try again in a moment. If it stays like this, see whether it runs:',
  },
  leaving: {
    title: 'You may still be signed in',
    body: 'This page forgot everything, but the server could not be told to end your session. Try again in a moment.',
  },
};

const command: Partial<Record<SignIn, string>> = { out: 'parlor link', refused: 'parlor link', unreachable: 'parlor serve' };

/** For whoever has no session: how to get one. */
export function SignedOut({ why, onRetry }: { why: Exclude<SignIn, 'in'>; onRetry(): void }) {
  const { title, body } = words[why];
  return (
    <main className="pl-root door">
      <div className="door-box">
        <img src="/favicon.svg" alt="" width="40" height="40" />
        <h1>{title}</h1>
        <p>{body}</p>
        {command[why] && (
          <pre>
            <code>{command[why]}</code>
          </pre>
        )}
        {why === 'unreachable' || why === 'leaving' ? (
          <button type="button" className="pl-button" data-variant="primary" onClick={onRetry}>
            Try again
          </button>
        ) : (
          <p className="door-note">
            It prints a link. Open it in this browser and you are signed in. For the demo, add <code>--workspace demo</code>.
          </p>
        )}
      </div>
    </main>
  );
}
