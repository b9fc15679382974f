import type { LiveChat } from '@parlor/client';
import { createDesk, type Desk } from '@parlor/client/desk';
import { useParlor } from '../provider.tsx';

const desks = new WeakMap<LiveChat, Desk>();

/** What agents share: each list loads when a component first reads it. One for a client, however many ask. */
export function useDesk(): Desk {
  const { chat, desk } = useParlor();
  if (desk !== undefined) return desk;
  const known = desks.get(chat) ?? createDesk(chat);
  desks.set(chat, known);
  return known;
}
