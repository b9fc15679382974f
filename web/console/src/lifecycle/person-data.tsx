import { LiveChatError } from '@parlor/client';
import type { DryRun } from '@parlor/client/desk';
import { useDesk, useParlor } from '@parlor/react';
import { useId, useRef, useState } from 'react';
import { Confirm } from '../ui/confirm.tsx';
import { useSpoken } from './spoken.ts';

const idBytesMax = 128;

function download(file: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The download has its own hold on the bytes once it began.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}

/** What is kept of one person: as a file, or gone. */
export function PersonData({ onErased }: { onErased(): void }) {
  const { messages } = useParlor();
  const { erasure } = useDesk();
  const { words } = useSpoken();
  const fieldId = useId();
  const field = useRef<HTMLInputElement>(null);
  const [id, setId] = useState('');
  const [said, setSaid] = useState<{ text: string; isError: boolean }>();
  const [isBusy, setBusy] = useState(false);
  const [asked, setAsked] = useState<{ id: string; count: DryRun }>();
  const person = id.trim();

  /** One at a time; what goes wrong is said. */
  async function run(act: () => Promise<void>) {
    if (isBusy) return;
    if (person === '') return field.current?.focus();
    setBusy(true);
    setSaid(undefined);
    try {
      await act();
    } catch (failure) {
      const reason = failure instanceof LiveChatError ? messages.problem(failure.code, failure.message) : String(failure);
      setSaid({ text: words.failed(reason), isError: true });
    }
    setBusy(false);
  }
  const load = () => run(async () => download(await erasure.exportUser(person), `person-${person.replaceAll(/[^\w.-]/g, '_')}.jsonl`));
  const ask = () => run(async () => setAsked({ id: person, count: await erasure.countUser(person) }));
  const erase = (whom: string) =>
    run(async () => {
      await erasure.eraseUser(whom);
      setAsked(undefined);
      setId('');
      setSaid({ text: words.personErased(whom), isError: false });
      onErased();
    });

  return (
    <section className="card" aria-labelledby={`${fieldId}-title`}>
      <h2 id={`${fieldId}-title`}>{words.person}</h2>
      <p id={`${fieldId}-hint`}>{words.personHint}</p>
      <label htmlFor={fieldId}>{words.personId}</label>
      <input
        ref={field}
        id={fieldId}
        className="entry"
        dir="auto"
        value={id}
        maxLength={idBytesMax}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={`${fieldId}-hint`}
        onChange={(event) => setId(event.target.value)}
      />
      <div className="buttons">
        <button type="button" className="pl-button" data-variant="outline" onClick={() => void load()}>
          {words.personExport}
        </button>
        <button type="button" className="pl-button" data-variant="outline" data-tone="destructive" onClick={() => void ask()}>
          {words.personErase}
        </button>
      </div>
      <p role="status">{said && !said.isError && said.text}</p>
      {said?.isError && asked === undefined && (
        <p className="bad" role="alert">
          {said.text}
        </p>
      )}
      {asked && (
        <Confirm
          title={words.personEraseTitle(asked.id)}
          yes={isBusy ? words.personErasing : words.personConfirm}
          no={words.cancel}
          isDisabled={isBusy}
          onYes={() => void erase(asked.id)}
          onClose={() => setAsked(undefined)}
        >
          <p>
            {asked.count.conversations === 0
              ? words.personNothing
              : words.personCount(asked.count.conversations, asked.count.messages, asked.count.notes)}
          </p>
          <p className="pl-muted">{words.personFinal}</p>
          {said?.isError && (
            <p className="bad" role="alert">
              {said.text}
            </p>
          )}
        </Confirm>
      )}
    </section>
  );
}
