import { useEffect, useState, type ComponentType } from 'react';
import { useWords } from './text/words.tsx';

type Page = ComponentType<{ onLeave(): void }>;

const load = () => import('./lifecycle/lifecycle-page.tsx');

/** The page that few ever open, fetched when somebody does. */
export function LateLifecycle({ onLeave }: { onLeave(): void }) {
  const words = useWords();
  const [page, setPage] = useState<{ Page: Page }>();
  const [hasFailed, setFailed] = useState(false);
  const [loading, setLoading] = useState(load);
  useEffect(() => {
    let isWanted = true;
    loading.then(
      ({ LifecyclePage }) => isWanted && setPage({ Page: LifecyclePage }),
      () => isWanted && setFailed(true),
    );
    return () => {
      isWanted = false;
    };
  }, [loading]);
  if (page) return <page.Page onLeave={onLeave} />;
  return (
    <main className="pl-root door">
      {hasFailed ? (
        <div className="door-box" role="alert">
          <p>{words.pageFailed}</p>
          <button
            type="button"
            className="pl-button"
            data-variant="primary"
            onClick={() => {
              setFailed(false);
              setLoading(load());
            }}
          >
            {words.tryAgain}
          </button>
        </div>
      ) : (
        <p className="pl-hidden" role="status">
          {words.loadingPage}
        </p>
      )}
    </main>
  );
}
