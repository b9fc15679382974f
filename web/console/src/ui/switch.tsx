import { useId, type ReactNode } from 'react';

export interface SwitchProps {
  label: string;
  isOn: boolean;
  isDisabled?: boolean;
  hint?: ReactNode;
  onChange(isOn: boolean): void;
}

export function Switch({ label, isOn, isDisabled = false, hint, onChange }: SwitchProps) {
  const hintId = useId();
  return (
    <div className="switch">
      <label>
        <input
          type="checkbox"
          role="switch"
          checked={isOn}
          aria-checked={isOn}
          disabled={isDisabled}
          aria-describedby={hint === undefined ? undefined : hintId}
          onChange={(event) => onChange(event.target.checked)}
        />
        {label}
      </label>
      {hint !== undefined && <p id={hintId}>{hint}</p>}
    </div>
  );
}
