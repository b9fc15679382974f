import { useCallback, useEffect, useLayoutEffect, useState, type RefObject } from 'react';
import { useAct } from '../hooks/use-act.ts';
import { usePreferences } from '../hooks/use-preferences.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { useParlor, type Overlay } from '../provider.tsx';
import { AssignDialog, AssignManyDialog } from './assign-dialog.tsx';
import { builtInCommands, targetOf, type Surface } from './built-in.ts';
import type { Command, PageCommand } from './command.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import { FilterDialog } from './filter-dialog.tsx';
import { keepFocus } from './focus.ts';
import { Help } from './help.tsx';
import { keyOf, takesText } from './keys.ts';
import { LabelDialog } from './label-dialog.tsx';
import { Palette } from './palette.tsx';
import { SnoozeDialog } from './snooze-dialog.tsx';
import { useWords } from './words.ts';

export interface CommandsProps {
  root: RefObject<HTMLElement | null>;
  /** The host's own, at the end of the palette. */
  extra?: readonly PageCommand[] | undefined;
}

/** Repeating while the key is held is fine for walking, not for doing. */
const repeats = new Set(['next', 'previous']);

/** Keys, palette and dialogs of a page. */
export function Commands({ root, extra }: CommandsProps) {
  const parlor = useParlor();
  const { chat, inbox, overlay, preferences } = parlor;
  const words = useWords();
  const act = useAct();
  const shown = useReadable(overlay);
  const [, prefer] = usePreferences();
  const [said, setSaid] = useState('');

  const surfaceOf = useCallback(
    (element: HTMLElement): Surface => ({ root: element, parlor, chat, inbox, words, act, open: overlay.set, preferences, prefer }),
    [parlor, chat, inbox, words, act, overlay, preferences, prefer],
  );

  // From the paint on that they come with: a key may be pressed right after it.
  useLayoutEffect(() => (root.current === null ? undefined : keepFocus(root.current)), [root]);
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const element = root.current;
      const { target } = event;
      if (element === null || event.defaultPrevented || !(target instanceof Element)) return;
      // Elsewhere on the host's page keys are the host's.
      if (target !== document.body && !element.contains(target)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      const pressed = keyOf(event);
      if (pressed === undefined) return;
      const isSingle = !pressed.startsWith('mod+');
      // In a field it takes back what was typed there.
      if (pressed === 'mod+z' && takesText(target)) return;
      if (isSingle && (!preferences.get().shortcuts || takesText(target) || target.closest('[popover]') !== null)) return;
      const surface = surfaceOf(element);
      // What works by itself does so on its element; from nowhere Escape leads back all the same.
      const isHere = (command: Command) => command.isNative !== true || (pressed === 'escape' && target === document.body);
      const command = builtInCommands(surface, targetOf(surface)).find((each) => each.key === pressed && isHere(each));
      if (command === undefined || command.isDisabled) return;
      event.preventDefault();
      if (!event.repeat || repeats.has(command.id)) command.run();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [root, preferences, surfaceOf]);

  return (
    <>
      {shown !== undefined && <Shown key={shown} what={shown} surfaceOf={surfaceOf} root={root} extra={extra} onDone={setSaid} />}
      <div className="pl-hidden" role="status">
        {said}
      </div>
    </>
  );
}

interface ShownProps extends CommandsProps {
  what: Overlay;
  surfaceOf(element: HTMLElement): Surface;
  onDone(said: string): void;
}

function Shown({ what, surfaceOf, root, extra = [], onDone }: ShownProps) {
  const { inbox, overlay } = useParlor();
  // As it was before the dialog took the focus.
  const [targetId] = useState(() => (root.current === null ? undefined : targetOf(surfaceOf(root.current))));
  const [own] = useState(() => (root.current === null ? [] : builtInCommands(surfaceOf(root.current), targetId)));
  const [selectedIds] = useState(() => [...inbox.marks.get().ids]);
  const commands: Command[] = [...own, ...extra.map((each) => ({ ...each, group: 'page' as const }))];
  const needsTarget = what === 'snooze' || what === 'assign' || what === 'label' || what === 'delete';
  const isGone = needsTarget && targetId === undefined;
  useEffect(() => {
    if (isGone) overlay.set(undefined);
  }, [isGone, overlay]);

  // Another one may have been opened by what was chosen.
  const close = () => {
    if (overlay.get() === what) overlay.set(undefined);
  };
  if (what === 'palette') return <Palette commands={commands} onClose={close} />;
  if (what === 'help') return <Help commands={commands} onClose={close} />;
  if (what === 'filter') return <FilterDialog onClose={close} />;
  if (what === 'assign-selected') return <AssignManyDialog ids={selectedIds} onClose={close} />;
  if (what === 'label-selected') return <LabelDialog ids={selectedIds} onClose={close} />;
  if (targetId === undefined) return null;
  if (what === 'label') return <LabelDialog ids={[targetId]} onClose={close} />;
  if (what === 'delete') return <DeleteDialog id={targetId} onClose={close} />;
  if (what === 'snooze') return <SnoozeDialog id={targetId} onDone={onDone} onClose={close} />;
  return <AssignDialog id={targetId} onClose={close} />;
}
