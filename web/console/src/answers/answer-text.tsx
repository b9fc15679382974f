import { useDesk, useMe } from '@parlor/react';
import { answerVariables, fillVariables } from '@parlor/react/agents';
import { useId, useRef, useSyncExternalStore } from 'react';
import { useAnswersWords } from './use-answers-words.ts';

export interface AnswerTextProps {
  text: string;
  error: string | undefined;
  onChange(text: string): void;
}

/** The text of a saved answer, what may be filled into it, and how it would be sent. */
export function AnswerText({ text, error, onChange }: AnswerTextProps) {
  const words = useAnswersWords();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);

  /** Where the caret is, which stands behind it then. */
  function insert(variable: string) {
    const written = `{{${variable}}}`;
    const { selectionStart: from = text.length, selectionEnd: to = text.length } = field.current ?? {};
    onChange(text.slice(0, from) + written + text.slice(to));
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(from + written.length, from + written.length);
    });
  }

  return (
    <>
      <div className="answer-field">
        <label htmlFor={id}>{words.text}</label>
        <textarea
          ref={field}
          id={id}
          className="entry"
          dir="auto"
          rows={5}
          value={text}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
          onChange={(event) => onChange(event.target.value)}
        />
        {error !== undefined && <p id={`${id}-error`} className="bad">{error}</p>}
      </div>
      <section aria-labelledby={`${id}-variables`}>
        <h2 id={`${id}-variables`}>{words.variables}</h2>
        <p>{words.variablesHint}</p>
        <ul className="variables">
          {answerVariables.map((variable) => (
            <li key={variable}>
              <button type="button" className="pl-button" data-variant="outline" dir="ltr" aria-label={words.insert(`{{${variable}}}`, words.meanings[variable])} onClick={() => insert(variable)}>
                {`{{${variable}}}`}
              </button>
              <span aria-hidden="true">{words.meanings[variable]}</span>
            </li>
          ))}
        </ul>
      </section>
      <Preview text={text} />
    </>
  );
}

/** With somebody and something for an example. */
function Preview({ text }: { text: string }) {
  const words = useAnswersWords();
  const id = useId();
  const { funnels } = useDesk();
  const funnel = useSyncExternalStore(funnels.subscribe, funnels.get)?.[0]?.name ?? words.sampleFunnel;
  const me = useMe();
  const filled = fillVariables(text, { user: { name: words.sampleUser }, funnelName: funnel }, me);
  // The example knows a value for every name there is.
  const unknown = new Set(filled.match(/\{\{[^{}]*\}\}/gu));
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{words.preview}</h2>
      <p>{words.previewHint(words.sampleUser, funnel)}</p>
      <p className="answer-preview" dir="auto" data-empty={filled.trim() === '' || undefined}>
        {filled.trim() === '' ? words.previewEmpty : filled}
      </p>
      <div role="status">{unknown.size > 0 && <p className="bad">{words.unknown([...unknown].join(' '))}</p>}</div>
    </section>
  );
}
