import { useEffect, useState, type ComponentType } from 'react';
import type { SettingsPlace } from './place.ts';
import { useWords } from './text/words.tsx';

type Page = ComponentType<{ onLeave(): void }>;

const loaders: Readonly<Record<SettingsPlace, () => Promise<Page>>> = {
  lifecycle: async () => (await import('./lifecycle/lifecycle-page.tsx')).LifecyclePage,
  answers: async () => (await import('./answers/answers-page.tsx')).AnswersPage,
};

/** A page that few ever open, fetched when somebody does. */
export function LatePage({ place, onLeave }: { place: SettingsPlace; onLeave(): void }) {
  const words = useWords();
  const [page, setPage] = useState<{ Page: Page }>();
  const [hasFailed, setFailed] = useState(false);
  const [loading, setLoading] = useState(loaders[place]);
  useEffect(() => {
    let isWanted = true;
    loading.then(
      (Page) => isWanted && setPage({ Page }),
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
              setLoading(loaders[place]());
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
