import './lifecycle.css';
import { LiveChatHeader, useDesk, useMe, useParlor } from '@parlor/react';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Workspace } from '../header.tsx';
import { ClockWarning } from './clock-warning.tsx';
import { DeletionRecord } from './deletion-record.tsx';
import { PersonData } from './person-data.tsx';
import { PolicyForm } from './policy-form.tsx';
import { useSpoken } from './spoken.ts';

/** How conversations end: the rules, what they would do, and what is gone. */
export function LifecyclePage({ onLeave }: { onLeave(): void }) {
  const { locale } = useParlor();
  const { words } = useSpoken();
  const { lifecycle } = useDesk();
  const settings = useSyncExternalStore(lifecycle.settings.subscribe, lifecycle.settings.get);
  const isAdmin = useMe()?.role === 'admin';
  const main = useRef<HTMLElement>(null);
  const [erasures, setErasures] = useState(0);
  const isDirty = useRef(false);
  const setDirty = useCallback((next: boolean) => {
    isDirty.current = next;
  }, []);

  // Who came here by the keyboard goes on reading here.
  useEffect(() => main.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (isDirty.current) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, []);

  function leave() {
    if (!isDirty.current || window.confirm(words.leaveUnsaved)) onLeave();
  }
  return (
    <div className="pl-root console page" lang={locale}>
      <LiveChatHeader title={words.title} onBack={leave} slots={{ start: <Workspace /> }} />
      <main ref={main} tabIndex={isAdmin ? -1 : 0} className="page-body">
        <div className="page-column">
          <p className="intro">
            {words.intro} {!isAdmin && words.readOnly}
          </p>
          {settings === undefined ? (
            <p role="status">{words.loading}</p>
          ) : (
            <>
              <ClockWarning clock={settings.clock} canChange={isAdmin} />
              <PolicyForm settings={settings} canChange={isAdmin} onDirtyChange={setDirty} />
            </>
          )}
          {isAdmin && <PersonData onErased={() => setErasures((count) => count + 1)} />}
          {isAdmin && <DeletionRecord key={erasures} />}
        </div>
      </main>
    </div>
  );
}
