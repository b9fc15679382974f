import { LiveChatError } from '@parlor/client';
import type { Settings } from '@parlor/client/desk';
import { useDesk, useParlor } from '@parlor/react';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { changeOf, draftOf, wrongFields, type Draft } from './draft.ts';
import { useBoundsWords } from './duration-field.tsx';
import { Funnels } from './funnels.tsx';
import { PolicyFields } from './policy-fields.tsx';
import { Preview } from './preview.tsx';
import { useSpoken } from './spoken.ts';

export interface PolicyFormProps {
  settings: Settings;
  canChange: boolean;
  /** Told whether there is something to lose. */
  onDirtyChange(isDirty: boolean): void;
}

interface Edited {
  draft: Draft;
  /** The settings it was made from. */
  version: number;
}

/** The rules, as they are and as somebody is changing them. */
export function PolicyForm({ settings, canChange, onDirtyChange }: PolicyFormProps) {
  const { messages } = useParlor();
  const { lifecycle } = useDesk();
  const { words } = useSpoken();
  const boundsWords = useBoundsWords();
  const form = useRef<HTMLFormElement>(null);
  const [edited, setEdited] = useState<Edited>();
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const [said, setSaid] = useState<{ text: string; isError: boolean }>();
  const [isSaving, setSaving] = useState(false);

  const stored = draftOf(settings);
  const draft = edited?.draft ?? stored;
  const change = changeOf(draft);
  const isDirty = edited !== undefined && JSON.stringify(change) !== JSON.stringify(changeOf(stored));
  const isStale = isDirty && !isSaving && edited.version !== settings.version;
  const wrong = wrongFields(draft);
  const errors = new Map([...refused, ...[...wrong].map(([pointer, timer]) => [pointer, boundsWords(timer)] as const)]);

  useEffect(() => onDirtyChange(isDirty), [isDirty, onDirtyChange]);

  function edit(next: Draft) {
    setEdited({ draft: next, version: isDirty ? edited.version : settings.version });
    setRefused(new Map());
    setSaid(undefined);
  }
  function discard() {
    setEdited(undefined);
    setRefused(new Map());
    setSaid(undefined);
  }
  /** The first field that is wrong, once it is marked. */
  const focusWrong = () => requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());

  async function save(event: FormEvent) {
    event.preventDefault();
    if (!isDirty || isSaving) return;
    if (wrong.size > 0) return focusWrong();
    setSaving(true);
    try {
      await lifecycle.putSettings({ ...change, version: edited.version });
      setEdited(undefined);
      setSaid({ text: words.saved, isError: false });
    } catch (failure) {
      const error = failure instanceof LiveChatError ? failure : undefined;
      setRefused(new Map(error?.errors?.map(({ pointer, detail }) => [pointer, detail])));
      setSaid({ text: error?.status === 409 ? words.changedMeanwhile : words.notSaved(error ? messages.problem(error.code, error.message) : ''), isError: true });
      focusWrong();
    }
    setSaving(false);
  }

  return (
    <form ref={form} className="policies" noValidate onSubmit={(event) => void save(event)}>
      <fieldset className="bare" disabled={!canChange}>
        <section className="card" aria-label={messages.inbox}>
          <PolicyFields draft={draft.inbox} errors={errors} onChange={(inbox) => edit({ ...draft, inbox })} />
        </section>
        <Funnels funnels={draft.funnels} errors={errors} inherited={change.inboxes.default} onChange={(funnels) => edit({ ...draft, funnels })} />
      </fieldset>
      {settings.redating && <Redating {...settings.redating} />}
      <div className="save-bar" data-dirty={isDirty || undefined}>
        <div role="status">
          {isDirty && wrong.size === 0 && !isSaving && <Preview change={change} />}
          {isStale && <p className="bad">{words.changedMeanwhile}</p>}
          {said && !said.isError && <p>{said.text}</p>}
        </div>
        {said?.isError && (
          <p className="bad" role="alert">
            {said.text}
          </p>
        )}
        {isDirty && (
          <div className="buttons">
            <button type="submit" className="pl-button" data-variant="primary" aria-disabled={isSaving || isStale || undefined}>
              {isSaving ? words.saving : words.save}
            </button>
            <button type="button" className="pl-button" data-variant="outline" onClick={discard}>
              {isStale ? words.takeTheirs : words.discard}
            </button>
          </div>
        )}
      </div>
    </form>
  );
}

/** How far a change has come through the conversations. */
function Redating({ done, total }: { done: number; total?: number }) {
  const { words, number } = useSpoken();
  const text = words.redating(number(done), total === undefined ? undefined : number(total));
  return (
    <div className="card redating">
      <p role="status">{text}</p>
      <progress aria-label={text} value={total === undefined ? undefined : done} max={total} />
    </div>
  );
}
