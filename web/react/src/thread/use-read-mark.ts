import { useState } from 'react';
import { useConversation } from '../hooks/narrow.ts';
import { useParlor } from '../provider.tsx';

/**
 * Where reading had stopped when the thread was opened: the divider stays there while one reads on, and moves only when
 * somebody marks as unread from another place.
 */
export function useReadMark(conversationId: string, isStarting: boolean) {
  const { side } = useParlor();
  const conversation = useConversation(conversationId);
  // Who has just begun a conversation has read all of it.
  const [readSeq, setReadSeq] = useState(isStarting ? Number.POSITIVE_INFINITY : undefined);
  const [firstUnreadSeq, setFirstUnreadSeq] = useState<number>();
  const [markSeq, setMarkSeq] = useState(0);
  if (conversation !== undefined) {
    const mark = side === 'user' ? conversation.userLastReadSeq : conversation.agentLastReadSeq;
    if (readSeq === undefined && conversation.unreadCount > 0) setFirstUnreadSeq(mark + 1);
    if (readSeq === undefined || mark < markSeq) setReadSeq(mark);
    if (mark !== markSeq) setMarkSeq(mark);
  }
  return { readSeq, firstUnreadSeq };
}
