import { useMemo } from 'react';
import { useInboxView, useMe } from '../hooks/narrow.ts';
import { useDesk } from '../hooks/use-desk.ts';
import { useOptionalReadable, useReadable } from '../hooks/use-readable.ts';
import { listFilters } from '../inbox.ts';
import { useParlor } from '../provider.tsx';

/** Funnels to narrow by, with their names: the defined ones, and those that listed conversations come from though nobody defined them. */
export function useFunnelNames(): readonly (readonly [id: string, name: string])[] {
  const { chat } = useParlor();
  const defined = useReadable(useDesk().funnels);
  const { filters } = useInboxView();
  const me = useMe()?.sub;
  // Narrowed by one funnel the list has no other: those stand in the list as it was before.
  const wide = useMemo(() => {
    const isKnown = filters.assignee !== 'me' || me !== undefined;
    return isKnown ? chat.list(listFilters({ ...filters, funnelId: undefined }, me)) : undefined;
  }, [chat, filters, me]);
  const ids = useOptionalReadable(wide)?.ids;
  return useMemo(() => {
    const names = new Map<string, string>();
    for (const id of ids ?? []) {
      const { funnelId, funnelName } = chat.conversation(id).get() ?? {};
      if (funnelId) names.set(funnelId, funnelName || funnelId);
    }
    for (const { id, name } of defined ?? []) names.set(id, name);
    return [...names].toSorted(([, a], [, b]) => a.localeCompare(b));
  }, [chat, defined, ids]);
}
