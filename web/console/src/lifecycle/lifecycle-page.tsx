import './lifecycle.css';
import { useDesk, useMe } from '@parlor/react';
import { useState, useSyncExternalStore } from 'react';
import { SettingsPage } from '../settings-page.tsx';
import { useUnsaved } from '../ui/use-unsaved.ts';
import { ClockWarning } from './clock-warning.tsx';
import { DeletionRecord } from './deletion-record.tsx';
import { PersonData } from './person-data.tsx';
import { PolicyForm } from './policy-form.tsx';
import { useSpoken } from './spoken.ts';

/** How conversations end: the rules, what they would do, and what is gone. */
export function LifecyclePage({ onLeave }: { onLeave(): void }) {
  const { words } = useSpoken();
  const { lifecycle } = useDesk();
  const settings = useSyncExternalStore(lifecycle.settings.subscribe, lifecycle.settings.get);
  const isAdmin = useMe()?.role === 'admin';
  const [erasures, setErasures] = useState(0);
  const { setDirty, mayLeave } = useUnsaved(words.leaveUnsaved);

  return (
    <SettingsPage title={words.title} hasFields={isAdmin} onLeave={() => mayLeave() && onLeave()}>
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
    </SettingsPage>
  );
}
