import './settings-page.css';
import { LiveChatHeader, useParlor } from '@parlor/react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Workspace } from './header.tsx';

export interface SettingsPageProps {
  title: string;
  /** Without anything in it to put the focus on, it is scrolled by the keyboard all the same. */
  hasFields?: boolean;
  onLeave(): void;
  children: ReactNode;
}

/** The frame of a page of the settings. */
export function SettingsPage({ title, hasFields = true, onLeave, children }: SettingsPageProps) {
  const { locale } = useParlor();
  const main = useRef<HTMLElement>(null);
  // Who came here by the keyboard goes on reading here.
  useEffect(() => main.current?.focus({ preventScroll: true }), []);
  return (
    <div className="pl-root console page" lang={locale}>
      <LiveChatHeader title={title} onBack={onLeave} slots={{ start: <Workspace /> }} />
      <main ref={main} tabIndex={hasFields ? -1 : 0} className="page-body">
        <div className="page-column">{children}</div>
      </main>
    </div>
  );
}
