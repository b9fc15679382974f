import type { ConversationChange, LiveChat, LiveChatConversation } from '@parlor/client';
import { lastOfUser } from '../hooks/last-of-user.ts';

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

/** One conversation's change and the one that takes it back. */
interface Step {
  id: string;
  change: ConversationChange;
  back: ConversationChange;
}

function stepOf(action: BulkAction, row: LiveChatConversation): Step | undefined {
  const { id, status, isArchived, assignee, handler, labels } = row;
  const step = (change: ConversationChange, back: ConversationChange): Step => ({ id, change, back });
  switch (action.kind) {
    case 'close':
      return status === 'open' ? step({ status: 'closed' }, { status: 'open', if: { status: 'closed' } }) : undefined;
    case 'reopen':
      return status === 'closed' ? step({ status: 'open' }, { ...(isArchived ? { isArchived } : { status }), if: { status: 'open' } }) : undefined;
    case 'archive':
      if (isArchived) return undefined;
      return step({ isArchived: true }, { ...(status === 'open' ? { status } : { isArchived: false }), if: { status: 'closed' } });
    case 'unarchive':
      return isArchived ? step({ isArchived: false }, { isArchived: true, if: { status: 'closed' } }) : undefined;
    case 'assign': {
      const { agentId: assigneeId } = action;
      if (assignee?.id === assigneeId) return undefined;
      const before = handler === 'agent' && assignee?.id !== undefined ? { assigneeId: assignee.id } : { handler };
      return step({ assigneeId }, { ...before, if: { handler: 'agent', assigneeId } });
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

/** Marks as unread from the other side's last message on. */
async function markUnread(chat: LiveChat, rows: readonly LiveChatConversation[]): Promise<number> {
  const places = await Promise.allSettled(rows.map(async (row) => [row.id, await lastOfUser(chat, row.id)] as const));
  for (const place of places) if (place.status === 'fulfilled') chat.markUnread(place.value[0], place.value[1] - 1);
  return places.filter(({ status }) => status === 'rejected').length;
}

function mark(chat: LiveChat, rows: readonly LiveChatConversation[], isRead: boolean): Done {
  const concerned = rows.filter(({ unreadCount }) => unreadCount > 0 === isRead);
  const before = concerned.map(({ id, agentLastReadSeq }) => [id, agentLastReadSeq] as const);
  if (isRead) for (const { id } of concerned) chat.markRead(id);
  return {
    count: concerned.length,
    failed: isRead ? Promise.resolve(0) : markUnread(chat, concerned),
    async undo() {
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
  const steps = rows.flatMap((row) => stepOf(action, row) ?? []);
  return {
    count: steps.length,
    failed: send(chat, steps.map(({ id, change }) => [id, change])),
    // What was refused is refused again: it is not as the change would have left it.
    undo: () => send(chat, steps.map(({ id, back }) => [id, back])),
  };
}
