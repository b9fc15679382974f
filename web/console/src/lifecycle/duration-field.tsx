import { useId } from 'react';
import { bounds, isNever, offered, units, unitSeconds, type Field, type Timer } from './draft.ts';
import { useSpoken } from './spoken.ts';

export interface DurationFieldProps {
  timer: Timer;
  field: Field;
  /** Why it cannot be saved. */
  error: string | undefined;
  /** What it is if nothing is set here; absent in the inbox itself. */
  inherited?: number | 'off' | undefined;
  pointer: string;
  onChange(field: Field): void;
}

/** How long: a number and its unit, or never. */
export function DurationField({ timer, field, error, inherited, pointer, onChange }: DurationFieldProps) {
  const id = useId();
  const { words, duration } = useSpoken();
  const isOff = field.unit === 'off' || (field.unit === 'inherit' && inherited !== undefined && isNever(timer, inherited));
  const [label, hint, hintWhenOff = hint] = words.timers[timer];
  const hasAmount = field.unit !== 'off' && field.unit !== 'inherit';
  const described = error === undefined ? `${id}-hint` : `${id}-hint ${id}-error`;

  function turn(unit: Field['unit']) {
    if (unit === 'off' || unit === 'inherit') return onChange({ unit, amount: '' });
    // Switched on it is what a new workspace has, in the unit that was chosen; of another unit it is the same number.
    onChange({ unit, amount: hasAmount ? field.amount : String(Math.max(1, Math.round(offered[timer] / unitSeconds[unit]))) });
  }
  return (
    <div className="timer" role="group" aria-labelledby={`${id}-label`} data-error={error !== undefined || undefined}>
      <div className="timer-words">
        <strong id={`${id}-label`}>{label}</strong>
        <p id={`${id}-hint`}>{isOff ? hintWhenOff : hint}</p>
      </div>
      <div className="timer-fields">
        {hasAmount && (
          <input
            className="entry"
            type="number"
            inputMode="numeric"
            min={0}
            step="any"
            value={field.amount}
            data-pointer={pointer}
            aria-label={words.amountOf(label)}
            aria-invalid={error !== undefined || undefined}
            aria-describedby={described}
            onChange={(event) => onChange({ ...field, amount: event.target.value })}
          />
        )}
        <select
          className="entry"
          value={field.unit}
          aria-label={words.unitOf(label)}
          aria-describedby={described}
          onChange={(event) => turn(event.target.value as Field['unit'])}
        >
          {inherited !== undefined && <option value="inherit">{words.inherit(duration(isNever(timer, inherited) ? 'off' : inherited))}</option>}
          {units.map((unit) => (
            <option key={unit} value={unit}>
              {words.units[unit]}
            </option>
          ))}
          <option value="off">{words.off}</option>
        </select>
      </div>
      {error !== undefined && (
        <p id={`${id}-error`} className="timer-error">
          {error}
        </p>
      )}
    </div>
  );
}

/** What may stand there, for people. */
export function useBoundsWords(): (timer: Timer) => string {
  const { words, duration } = useSpoken();
  return (timer) => words.wrong(duration(bounds[timer][0]), duration(bounds[timer][1]));
}
