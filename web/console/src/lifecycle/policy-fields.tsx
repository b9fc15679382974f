import type { LifecyclePolicy } from '@parlor/client/desk';
import { closingTimers, laterTimers, pointerOf, type Field, type PolicyDraft, type Timer } from './draft.ts';
import { DurationField } from './duration-field.tsx';
import { useSpoken } from './spoken.ts';

export interface PolicyFieldsProps {
  draft: PolicyDraft;
  errors: ReadonlyMap<string, string>;
  funnelId?: string;
  /** Of the inbox, for a funnel. */
  inherited?: LifecyclePolicy;
  onChange(draft: PolicyDraft): void;
}

/** Every timer, in the order of a conversation's life. */
export function PolicyFields({ draft, errors, funnelId, inherited, onChange }: PolicyFieldsProps) {
  const { words } = useSpoken();
  const group = (title: string, timers: readonly Timer[]) => (
    <fieldset>
      <legend>{title}</legend>
      {timers.map((timer) => {
        const pointer = pointerOf(timer, funnelId);
        return (
          <DurationField
            key={timer}
            timer={timer}
            field={draft[timer]}
            error={errors.get(pointer)}
            inherited={inherited?.[timer]}
            pointer={pointer}
            onChange={(field: Field) => onChange({ ...draft, [timer]: field })}
          />
        );
      })}
    </fieldset>
  );
  return (
    <>
      {group(words.closing, closingTimers)}
      {group(words.later, laterTimers)}
    </>
  );
}
