import type { LiveChat, Readable } from '@parlor/client';
import { useState } from 'react';
import { useOptionalReadable } from '../hooks/use-readable.ts';
import { listFilters, type InboxStore } from '../inbox.ts';
import { useParlor, type Parlor } from '../provider.tsx';

export interface Agent {
  readonly id: string;
  readonly name?: string | undefined;
}

interface MaybeDesk {
  desk?: { readonly agents: Readable<readonly Agent[] | undefined> } | undefined;
}

/** Colleagues as far as the loaded conversations tell: whoever holds one. */
function holders(chat: LiveChat, inbox: InboxStore): readonly Agent[] {
  const agents = new Map<string, Agent>();
  for (const id of chat.list(listFilters(inbox.get().filters)).get().ids) {
    const assignee = chat.conversation(id).get()?.assignee;
    if (assignee?.id !== undefined) agents.set(assignee.id, { id: assignee.id, name: assignee.name });
  }
  return [...agents.values()].toSorted((a, b) => (a.name || a.id).localeCompare(b.name || b.id));
}

/** Who may be assigned: everybody the desk knows; without one, or until it answers, who holds a conversation here. */
export function useAgents(): readonly Agent[] {
  const { chat, inbox, desk }: Parlor & MaybeDesk = useParlor();
  const [known] = useState(() => holders(chat, inbox));
  return useOptionalReadable(desk?.agents) ?? known;
}
