import { Chooser, type ChoiceGroup } from './chooser.tsx';
import type { Command, Group } from './command.ts';
import { useWords } from './words.ts';

const order: readonly Group[] = ['conversation', 'list', 'page'];

export function Palette({ commands, onClose }: { commands: readonly Command[]; onClose(): void }) {
  const words = useWords();
  const names: Record<Group, string> = { conversation: words.groupConversation, list: words.groupList, page: words.groupPage };
  const groups: ChoiceGroup[] = order.map((group) => ({
    id: group,
    label: names[group],
    // The palette is open already.
    choices: commands.filter((each) => each.group === group && each.id !== 'palette'),
  }));
  return (
    <Chooser
      title={words.paletteTitle}
      placeholder={words.palettePlaceholder}
      emptyText={words.paletteEmpty}
      found={words.found}
      groups={groups}
      onClose={onClose}
    />
  );
}
