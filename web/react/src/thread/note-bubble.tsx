import { memo } from 'react';
import { AgentIcon } from '../agent-icons.tsx';
import { useAgentState } from '../agent-state.ts';
import type { Note } from '../desk.ts';
import { useMe } from '../hooks/narrow.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';
import { LinkedText } from '../text/links.tsx';

export interface NoteBubbleProps {
  note: Note;
}

/** What the team told itself: across the thread's width and labelled, so that nobody takes it for something that was sent. */
export const NoteBubble = memo(function NoteBubble({ note }: NoteBubbleProps) {
  const { format } = useParlor();
  const { hiddenNotes } = useAgentState();
  const words = useAgentWords();
  const me = useMe();
  const remove = useRemoval(note);
  if (useReadable(hiddenNotes).has(note.id)) return null;
  const isMine = note.author.id === me?.sub;
  return (
    <div className="pl-note" role="note" aria-label={words.note}>
      <div className="pl-note-head">
        <AgentIcon name="note" />
        <strong>{words.note}</strong>
        <bdi>{isMine ? words.you : (note.author.name ?? words.agent)}</bdi>
        <time dateTime={note.at.toISOString()} title={format.full(note.at)}>
          {format.time(note.at)}
        </time>
        {(isMine || me?.role === 'admin') && (
          <button type="button" className="pl-button" data-variant="icon" aria-label={words.deleteNote} title={words.deleteNote} onClick={remove}>
            <Icon name="cross" />
          </button>
        )}
      </div>
      <div className="pl-bubble-text" dir="auto">
        <LinkedText text={note.text} />
      </div>
    </div>
  );
});

/** A deleted note cannot be brought back, so it only disappears until there is no way back any more. */
function useRemoval({ id, conversationId }: Note): () => void {
  const { chat } = useParlor();
  const { hiddenNotes, notices } = useAgentState();
  const words = useAgentWords();
  return () => {
    const show = () => hiddenNotes.set(new Set([...hiddenNotes.get()].filter((each) => each !== id)));
    hiddenNotes.set(new Set(hiddenNotes.get()).add(id));
    notices.say({
      text: words.noteDeleted,
      undo: show,
      commit: () => void chat.deleteNote(conversationId, id).catch(show),
    });
  };
}
