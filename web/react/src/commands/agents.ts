import type { LiveChat } from '@parlor/client';
import { useState } from 'react';
import type { Agent } from '../desk.ts';
import { useDesk } from '../hooks/use-desk.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { listFilters, type InboxStore } from '../inbox.ts';
import { useParlor } from '../provider.tsx';

/** Colleagues as far as the loaded conversations tell: whoever holds one. */
function holders(chat: LiveChat, inbox: InboxStore): readonly Agent[] {
  const agents = new Map<string, Agent>();
  for (const id of chat.list(listFilters(inbox.get().filters, chat.me.get()?.sub)).get().ids) {
    const assignee = chat.conversation(id).get()?.assignee;
    if (assignee?.id !== undefined) agents.set(assignee.id, { id: assignee.id, name: assignee.name });
  }
  return [...agents.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}

/** Who may be assigned: everybody the desk knows, and until it answers who holds a conversation here. */
export function useAgents(): readonly Agent[] {
  const { chat, inbox } = useParlor();
  const [near] = useState(() => holders(chat, inbox));
  const known = useReadable(useDesk().agents);
  return known ?? near;
}
