import { useId, useState } from 'react';
import { useConversation } from '../hooks/narrow.ts';
import { useParlor } from '../provider.tsx';
import type { CommandMessages } from '../text/command-messages.ts';
import { Chooser, type Choice } from './chooser.tsx';
import { fieldValue, snoozeTimes, type SnoozeTime } from './snooze.ts';
import { useWords } from './words.ts';

function labelOf(id: SnoozeTime['id'], words: CommandMessages): string {
  switch (id) {
    case 'hours-1':
      return words.snoozeHours(1);
    case 'hours-3':
      return words.snoozeHours(3);
    case 'tomorrow':
      return words.snoozeTomorrow;
    case 'monday':
      return words.snoozeMonday;
  }
}

/** Until when a conversation rests. */
export function SnoozeDialog({ id, onDone, onClose }: { id: string; onDone(said: string): void; onClose(): void }) {
  const { chat, clock, format } = useParlor();
  const words = useWords();
  const conversation = useConversation(id);
  const [now] = useState(() => new Date(clock.get()));
  const snooze = (until: Date | null) =>
    void chat.update(id, { snoozedUntil: until }).then(
      () => onDone(until === null ? words.snoozeEnded : words.snoozed(format.full(until))),
      // Shown by the page's error banner.
      () => undefined,
    );
  const choices: Choice[] = snoozeTimes(now).map((time) => ({
    id: time.id, label: labelOf(time.id, words), hint: format.full(time.at), run: () => snooze(time.at),
  }));
  if (conversation?.snoozedUntil !== undefined) choices.unshift({ id: 'end', label: words.snoozeEnd, run: () => snooze(null) });
  const title = words.snoozeTitle(conversation?.user.name || words.visitor);
  return (
    <Chooser
      title={title}
      placeholder={title}
      emptyText={words.paletteEmpty}
      groups={[{ id: 'times', choices }]}
      onClose={onClose}
      footer={<OtherTime now={now} onPick={snooze} />}
    />
  );
}

function OtherTime({ now, onPick }: { now: Date; onPick(at: Date): void }) {
  const words = useWords();
  const fieldId = useId();
  const [value, setValue] = useState('');
  const at = new Date(value);
  const isLater = at.getTime() > now.getTime();
  return (
    <form
      method="dialog"
      className="pl-choices-other"
      onSubmit={(event) => {
        if (isLater) onPick(at);
        else event.preventDefault();
      }}
    >
      <label htmlFor={fieldId}>{words.snoozePick}</label>
      <input id={fieldId} type="datetime-local" min={fieldValue(now)} value={value} onChange={(event) => setValue(event.target.value)} />
      <button type="submit" className="pl-button" data-variant="primary" aria-disabled={!isLater}>
        {words.snoozeSet}
      </button>
    </form>
  );
}
