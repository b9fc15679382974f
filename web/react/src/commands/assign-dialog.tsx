import type { LiveChat } from '@parlor/client';
import { useConversationCommands } from '../hooks/conversation-commands.ts';
import { useConversation, useMe } from '../hooks/narrow.ts';
import { useAct } from '../hooks/use-act.ts';
import { useParlor } from '../provider.tsx';
import { useAgents } from './agents.ts';
import { Chooser, type Choice } from './chooser.tsx';
import { useWords } from './words.ts';

/** Who answers a conversation from now on. */
export function AssignDialog({ id, onClose }: { id: string; onClose(): void }) {
  const { chat, inbox } = useParlor();
  const act = useConversationCommands(id);
  const words = useWords();
  const conversation = useConversation(id);
  const me = useMe();
  const agents = useAgents();
  const { handler, assignee } = conversation ?? {};
  const holder = handler === 'agent' ? assignee?.id : handler;
  // A refusal is shown by the page's error banner.
  const update = (change: Parameters<LiveChat['update']>[1]) => void chat.update(id, change).catch(() => undefined);

  const people: Choice[] = agents
    .filter((agent) => agent.id !== me?.sub)
    .map((agent) => ({
      id: `agent-${agent.id}`, label: agent.name || agent.id, keywords: agent.id, isDisabled: holder === agent.id,
      run: () => act.assign({ id: agent.id, name: agent.name || agent.id }),
    }));
  if (me !== undefined) {
    people.unshift({
      id: 'me', label: words.assignToMe(me.name ?? me.sub), keywords: me.sub, isDisabled: holder === me.sub,
      run() {
        // Whether to take it from somebody else is asked over its thread.
        if (handler === 'agent') inbox.select(id);
        act.take();
      },
    });
  }
  const others: Choice[] = [
    { id: 'queue', label: words.assignQueue, isDisabled: holder === 'queue', run: () => update({ handler: 'queue' }) },
    { id: 'bot', label: words.assignBot, isDisabled: holder === 'bot', run: () => update({ handler: 'bot' }) },
  ];
  return (
    <Chooser
      title={words.assignTitle(conversation?.user.name || words.visitor)}
      placeholder={words.assignPlaceholder}
      emptyText={words.paletteEmpty}
      groups={[{ id: 'people', choices: people }, { id: 'others', choices: others }]}
      onClose={onClose}
    />
  );
}

/** The same for all that are chosen: taking them from others is what one chose them for. */
export function AssignManyDialog({ ids, onClose }: { ids: readonly string[]; onClose(): void }) {
  const { inbox } = useParlor();
  const act = useAct();
  const words = useWords();
  const me = useMe();
  const choices = useAgents().map(({ id, name }): Choice => ({
    id, label: id === me?.sub ? words.assignToMe(name || id) : name || id, keywords: id,
    run() {
      inbox.marks.stop();
      act(ids, { kind: 'assign', agentId: id }, name || id);
    },
  }));
  return (
    <Chooser
      title={words.assignMany(ids.length)}
      placeholder={words.assignPlaceholder}
      emptyText={words.paletteEmpty}
      groups={[{ id: 'people', choices }]}
      onClose={onClose}
    />
  );
}
