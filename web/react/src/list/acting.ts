import type { Parlor } from '../provider.tsx';
import { englishForAgents } from '../text/agent-messages.ts';
import { actOnMany, type BulkAction } from './bulk.ts';

/** Does one thing to many conversations, says so, and offers the way back. `name` is the agent's or the label's. */
export function actAndTell({ chat, inbox, messages }: Parlor, ids: Iterable<string>, action: BulkAction, name = ''): void {
  const words = { ...englishForAgents, ...messages };
  const { count, failed, undo } = actOnMany(chat, ids, action);
  const fail = (refused: number) => refused > 0 && inbox.notice.set({ text: words.notDone(refused) });
  const takeBack = () => {
    inbox.notice.set({ text: words.undone });
    void undo().then(fail);
  };
  inbox.notice.set({ text: words.done(action.kind, count, name), undo: count > 0 ? takeBack : undefined });
  void failed.then(fail);
}
