import { useId } from 'react';
import { AgentIcon } from '../agent-icons.tsx';
import { classNames } from '../class-name.ts';
import { useConversation, useDraft } from '../hooks/narrow.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useParlor } from '../provider.tsx';
import { Composer } from './composer.tsx';
import type { LiveChatComposerProps } from './live-chat-composer.tsx';

export interface TeamComposerProps extends LiveChatComposerProps {
  isNote: boolean;
  onChoose(isNote: boolean, isPointed: boolean): void;
}

/** The choice between answering and noting, and the field for notes. */
export function TeamComposer({ isNote, onChoose, ...props }: TeamComposerProps) {
  return (
    <>
      <Modes isNote={isNote} onChoose={onChoose} />
      {isNote && <NoteComposer {...props} />}
    </>
  );
}

function Modes({ isNote, onChoose }: Pick<TeamComposerProps, 'isNote' | 'onChoose'>) {
  const words = useAgentWords();
  const name = useId();
  const all = [['reply', words.modeReply], ['note', words.modeNote]] as const;
  return (
    <fieldset className="pl-segments pl-modes">
      <legend className="pl-hidden">{words.modeLabel}</legend>
      {all.map(([value, label]) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={isNote === (value === 'note')}
            // A click made by an arrow key has no count of clicks.
            onChange={({ nativeEvent }) => onChoose(value === 'note', (nativeEvent as UIEvent).detail > 0)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** Nobody outside the team sees it, nor that it is written. */
function NoteComposer({ conversationId, focusOnOpen, className, ref }: LiveChatComposerProps) {
  const { chat } = useParlor();
  const words = useAgentWords();
  const name = useConversation(conversationId)?.user.name || words.visitor;
  // Beside the conversation's own draft, which it must not take for something to send.
  const draftId = `note:${conversationId}`;
  const [draft, setDraft] = useDraft(draftId);

  function add(text: string) {
    setDraft('');
    // Refused, the page says why; the words come back unless others were written meanwhile.
    chat
      .addNote(conversationId, text)
      .catch(() => {
        if (chat.draft(draftId).get() === '') setDraft(text);
      });
  }

  return (
    <Composer
      ref={ref}
      className={classNames('pl-composer-notes', className)}
      value={draft}
      label={words.noteLabel(name)}
      placeholder={words.notePlaceholder}
      focusOnOpen={focusOnOpen}
      note={<span>{words.noteHint}</span>}
      action={{ label: words.addNote, icon: <AgentIcon name="note" />, keyWord: words.noteSends }}
      onChange={setDraft}
      onSend={add}
    />
  );
}
