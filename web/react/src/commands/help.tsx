import { useRef } from 'react';
import { usePreferences } from '../hooks/use-preferences.ts';
import { Icon } from '../icons.tsx';
import { Keys } from './chooser.tsx';
import type { Command } from './command.ts';
import { closeDialog, Dialog } from './dialog.tsx';
import { grouped } from './groups.ts';
import { useWords } from './words.ts';

/** Every key and what it does, and the switch for those who do not want single ones. */
export function Help({ commands, onClose }: { commands: readonly Command[]; onClose(): void }) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [{ shortcuts }, setPreferences] = usePreferences();
  return (
    <Dialog ref={dialog} label={words.helpTitle} kind="help" onClose={onClose}>
      <header className="pl-help-header">
        <h2>{words.helpTitle}</h2>
        <button type="button" className="pl-button" data-variant="icon" aria-label={words.closeDialog} onClick={() => closeDialog(dialog.current)}>
          <Icon name="cross" />
        </button>
      </header>
      <div className="pl-help">
        {grouped(commands.filter(({ key }) => key !== undefined), words).map(({ id: group, label: title, choices }) => (
          <section key={group}>
            <h3>{title}</h3>
            <dl>
              {choices.map(({ id, key = '', label, helpLabel = label }) => (
                <div key={id}>
                  <dt>{helpLabel}</dt>
                  <dd>
                    <Keys of={key} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <footer className="pl-help-footer">
        <label>
          <input type="checkbox" checked={shortcuts} onChange={(event) => setPreferences({ shortcuts: event.target.checked })} />
          {words.singleKeys}
        </label>
        <p>{words.helpNote}</p>
      </footer>
    </Dialog>
  );
}
