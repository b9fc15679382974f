export interface TextFieldProps {
  label: string;
  value: string;
  maxLength: number;
  /** Of the `datalist` that completes it. */
  list?: string;
  onChange(text: string): void;
}

/** A line of text that says in itself what it is for. */
export function TextField({ label, onChange, ...rest }: TextFieldProps) {
  return (
    <input className="pl-input" {...rest} onChange={(event) => onChange(event.target.value)} aria-label={label} placeholder={label} autoComplete="off" />
  );
}
