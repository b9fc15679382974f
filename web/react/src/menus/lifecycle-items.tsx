import { AgentIcon } from '../agent-icons.tsx';
import { useWords } from '../commands/words.ts';
import { keepingOf } from '../hooks/lifecycle-of.ts';
import { useConversation, useMe } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';
import type { MenuItem } from './menu.tsx';

/** Resting and holding, and deleting for those who may. What opens over the page is offered where there is one. */
export function useLifecycleItems(id: string, anchor: Element): readonly [resting: MenuItem[], deleting: MenuItem[]] {
  const parlor = useParlor();
  const words = useWords();
  const conversation = useConversation(id);
  const me = useMe();
  const isInPage = anchor.closest('.pl-page') !== null;
  const { overlay } = parlor;
  const keeping = keepingOf(parlor, words, id);
  const resting: MenuItem[] = [];
  const isHeld = conversation?.hold === true;
  if (conversation?.status === 'open' && isInPage) {
    resting.push({ key: 'snooze', label: words.chooseSnooze, icon: <Icon name="clock" />, onSelect: () => overlay.set('snooze') });
  }
  if (conversation?.snoozedUntil) resting.push({ key: 'wake', label: words.snoozeEnd, icon: <Icon name="clock" />, onSelect: keeping.wake });
  resting.push({ key: 'hold', label: isHeld ? words.holdOff : words.holdOn, icon: <AgentIcon name="hold" />, onSelect: () => keeping.hold(!isHeld) });
  const deleting: MenuItem[] = me?.role === 'admin' && isInPage
    ? [{ key: 'delete', label: words.eraseConversation, icon: <AgentIcon name="erase" />, onSelect: () => overlay.set('delete') }]
    : [];
  return [resting, deleting];
}
