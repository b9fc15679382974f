import type { AgentMessages } from '../text/agent-messages.ts';
import type { CommandMessages } from '../text/command-messages.ts';
import type { Messages } from '../text/messages.ts';
import type { Command, Group } from './command.ts';

export interface CommandGroup {
  id: Group;
  label: string;
  choices: readonly Command[];
}

/** Commands under the headings that they are shown with. */
export function grouped(commands: readonly Command[], words: Messages & AgentMessages & CommandMessages): CommandGroup[] {
  const names: Record<Group, string> = {
    selection: words.groupSelection,
    conversation: words.groupConversation,
    list: words.groupList,
    views: words.viewsSaved,
    page: words.groupPage,
  };
  return (Object.keys(names) as Group[])
    .map((id) => ({ id, label: names[id], choices: commands.filter(({ group }) => group === id) }))
    .filter(({ choices }) => choices.length > 0);
}
