import './answers.css';
import { useDesk } from '@parlor/react';
import { useSyncExternalStore } from 'react';
import { SettingsPage } from '../settings-page.tsx';
import { useUnsaved } from '../ui/use-unsaved.ts';
import { AnswerList } from './answer-list.tsx';
import { useAnswersWords } from './use-answers-words.ts';

/** The texts agents send often: found, written, changed and deleted. */
export function AnswersPage({ onLeave }: { onLeave(): void }) {
  const words = useAnswersWords();
  const { cannedAnswers } = useDesk();
  const answers = useSyncExternalStore(cannedAnswers.subscribe, cannedAnswers.get);
  const { setDirty, mayLeave } = useUnsaved(words.leaveUnsaved);
  return (
    <SettingsPage title={words.title} onLeave={() => mayLeave() && onLeave()}>
      <p className="intro">{words.intro}</p>
      {answers === undefined ? <p role="status">{words.loading}</p> : <AnswerList answers={answers} onDirtyChange={setDirty} mayLeave={mayLeave} />}
    </SettingsPage>
  );
}
