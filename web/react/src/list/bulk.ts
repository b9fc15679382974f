import type { ConversationChange, LiveChat, LiveChatConversation } from '@parlor/client';
import { holding, unreopen } from '../hooks/handling.ts';
import { knownLastOfUser, lastOfUser } from '../hooks/last-of-user.ts';
import { placesAskedAtOnce } from '../limits.ts';

/** What may be done to many conversations. */
export type BulkAction =
  | { kind: 'close' | 'reopen' | 'archive' | 'unarchive' | 'read' | 'unread' }
  | { kind: 'assign'; agentId: string }
  | { kind: 'label' | 'unlabel'; label: string };

export interface Done {
  /** How many it changes: there is nothing to do for the others. */
  count: number;
  /** How many were refused, in the end. */
  failed: Promise<number>;
  /** Takes it back where nobody has changed it since. Answers with how many could not be. */
  undo(): Promise<number>;
}

/** One conversation's change and the one that takes it back; none where that would undo more. */
interface Step {
  id: string;
  change: ConversationChange;
  back(): ConversationChange | undefined;
}

function stepOf(chat: LiveChat, action: BulkAction, row: LiveChatConversation): Step | undefined {
  const { id, status, isArchived, assignee, labels, lastMessageAt } = row;
  const step = (change: ConversationChange, back: ConversationChange): Step => ({ id, change, back: () => back });
  switch (action.kind) {
    case 'close':
      return status === 'open' ? step({ status: 'closed' }, { status: 'open', if: { status: 'closed' } }) : undefined;
    case 'reopen': {
      if (status !== 'closed') return undefined;
      // Nobody is closed out of what they have written into since.
      const isAsLeft = () => chat.conversation(id).get()?.lastMessageAt.getTime() === lastMessageAt.getTime();
      return { id, change: { status: 'open' }, back: () => (isAsLeft() ? unreopen(row) : undefined) };
    }
    case 'archive':
      if (isArchived) return undefined;
      return step({ isArchived: true }, { ...(status === 'open' ? { status } : { isArchived: false }), if: { status: 'closed' } });
    case 'unarchive':
      return isArchived ? step({ isArchived: false }, { isArchived: true, if: { status: 'closed' } }) : undefined;
    case 'assign': {
      const { agentId: assigneeId } = action;
      if (assignee?.id === assigneeId) return undefined;
      return step({ assigneeId }, { ...holding(row), if: { handler: 'agent', assigneeId } });
    }
    case 'label':
    case 'unlabel': {
      const isOn = action.kind === 'label';
      if (labels.includes(action.label) === isOn) return undefined;
      const [on, off] = [{ addLabels: [action.label] }, { removeLabels: [action.label] }];
      return isOn ? step(on, off) : step(off, on);
    }
    default:
      return undefined;
  }
}

/** Sends equal changes together. Answers with how many were refused. */
async function send(chat: LiveChat, changes: readonly (readonly [id: string, change: ConversationChange])[]): Promise<number> {
  const groups = new Map<string, { change: ConversationChange; ids: string[] }>();
  for (const [id, change] of changes) {
    const key = JSON.stringify(change);
    const group = groups.get(key) ?? { change, ids: [] };
    groups.set(key, group);
    group.ids.push(id);
  }
  const answers = await Promise.all([...groups.values()].map(({ ids, change }) => chat.updateMany(ids, change)));
  return answers.reduce((sum, { failed }) => sum + failed.length, 0);
}

/** Marks as unread from the other side's last message on, each as soon as that is known. Answers with how many could not be. */
async function markUnread(chat: LiveChat, rows: readonly LiveChatConversation[], isTakenBack: () => boolean): Promise<number> {
  const markFrom = (id: string, seq: number) => chat.markUnread(id, seq - 1);
  const unknown = rows.filter(({ id }) => {
    const seq = knownLastOfUser(chat, id);
    if (seq !== undefined) markFrom(id, seq);
    return seq === undefined;
  });
  let failed = 0;
  // Every worker takes the next one: a hundred rows are no burst of a hundred requests.
  const left = unknown.values();
  async function ask() {
    for (const { id } of left) {
      try {
        const seq = await lastOfUser(chat, id);
        if (isTakenBack()) return;
        markFrom(id, seq);
      } catch {
        failed += 1;
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(placesAskedAtOnce, unknown.length) }, ask));
  return failed;
}

function mark(chat: LiveChat, rows: readonly LiveChatConversation[], isRead: boolean): Done {
  const concerned = rows.filter(({ unreadCount }) => unreadCount > 0 === isRead);
  const before = concerned.map(({ id, agentLastReadSeq }) => [id, agentLastReadSeq] as const);
  let isTakenBack = false;
  if (isRead) for (const { id } of concerned) chat.markRead(id);
  return {
    count: concerned.length,
    failed: isRead ? Promise.resolve(0) : markUnread(chat, concerned, () => isTakenBack),
    async undo() {
      isTakenBack = true;
      for (const [id, seq] of before) {
        if (isRead) chat.markUnread(id, seq);
        else chat.markRead(id, seq);
      }
      return 0;
    },
  };
}

/** Does one thing to many conversations, at once on the screen. */
export function actOnMany(chat: LiveChat, ids: Iterable<string>, action: BulkAction): Done {
  const rows = [...ids].flatMap((id) => chat.conversation(id).get() ?? []);
  if (action.kind === 'read' || action.kind === 'unread') return mark(chat, rows, action.kind === 'read');
  const steps = rows.flatMap((row) => stepOf(chat, action, row) ?? []);
  return {
    count: steps.length,
    failed: send(chat, steps.map(({ id, change }) => [id, change])),
    // What was refused is refused again: it is not as the change would have left it.
    async undo() {
      const backs = steps.flatMap(({ id, back }) => {
        const change = back();
        return change === undefined ? [] : [[id, change] as const];
      });
      return steps.length - backs.length + (await send(chat, backs));
    },
  };
}
