import { useDesk } from '../hooks/use-desk.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { filtersOf } from '../list/views.ts';
import { useParlor } from '../provider.tsx';
import { Chooser } from './chooser.tsx';
import type { Command } from './command.ts';
import { grouped } from './groups.ts';
import { useWords } from './words.ts';

export function Palette({ commands, onClose }: { commands: readonly Command[]; onClose(): void }) {
  const words = useWords();
  const { inbox } = useParlor();
  const views = (useReadable(useDesk().views) ?? []).map((view): Command => ({
    id: `view-${view.id}`, group: 'views', label: words.showConversations(view.name), run: () => inbox.setFilters(filtersOf(view)),
  }));
  // The palette is open already.
  const listed = commands.filter(({ id, isOnlyKey }) => id !== 'palette' && isOnlyKey !== true);
  const groups = grouped([...listed, ...views], words);
  return (
    <Chooser
      title={words.paletteTitle}
      placeholder={words.palettePlaceholder}
      emptyText={words.paletteEmpty}
      groups={groups}
      onClose={onClose}
    />
  );
}
