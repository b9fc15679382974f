import { useId, useLayoutEffect, useRef, type ChangeEvent, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { classNames } from '../class-name.ts';
import { Icon } from '../icons.tsx';
import { messageTextMax } from '../limits.ts';
import { useParlor } from '../provider.tsx';

export interface ComposerProps {
  value: string;
  onChange(text: string): void;
  /** The trimmed text, never empty, never too long. */
  onSend(text: string): void;
  /** Names the field for screen readers. */
  label: string;
  placeholder?: string | undefined;
  /** Something to know before sending, shown under the field. */
  note?: ReactNode;
  /** What the button does. Default: send. */
  action?: { label: string; icon: ReactNode; keyWord: string } | undefined;
  /** Above the field. */
  before?: ReactNode;
  /** Has the first word on a key; true when it took it. */
  onKey?: ((event: KeyboardEvent<HTMLTextAreaElement>) => boolean) | undefined;
  /** The list that completes what is typed. */
  completion?: { listId: string; activeId: string } | undefined;
  focusOnOpen?: boolean | undefined;
  onBlur?(): void;
  className?: string;
  ref?: Ref<HTMLTextAreaElement>;
}

/** Fields grow with their text by CSS where it can; elsewhere by measuring. */
function fit(field: HTMLTextAreaElement | null) {
  if (field === null || (typeof CSS !== 'undefined' && CSS.supports?.('field-sizing', 'content'))) return;
  field.style.blockSize = 'auto';
  field.style.blockSize = `${field.scrollHeight}px`;
}

/** A field and its button: Enter sends, Shift+Enter breaks the line, and neither while a word is being composed. */
export function Composer(props: ComposerProps) {
  const { value, onChange, onSend, label, placeholder, note, action, before, onKey, completion } = props;
  const { focusOnOpen = false, onBlur, className, ref } = props;
  const { messages } = useParlor();
  const noteId = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const text = value.trim();
  const over = Array.from(text).length - messageTextMax;
  const canSend = text !== '' && over <= 0;

  useLayoutEffect(() => fit(field.current));
  useLayoutEffect(() => {
    // A finger that opened the thread wants to read it first, not to meet a keyboard.
    if (focusOnOpen && !window.matchMedia?.('(pointer: coarse)').matches) field.current?.focus({ preventScroll: true });
  }, [focusOnOpen]);

  function send() {
    if (!canSend) return;
    onSend(text);
    field.current?.focus({ preventScroll: true });
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (onKey?.(event)) return;
    // 229: Safari ends a composition before the Enter that confirmed it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  }
  const [enter, sends, shiftEnter, breaks] = messages.composerKeys;
  const { label: actionLabel = messages.send, icon = <Icon name="send" />, keyWord = sends } = action ?? {};

  return (
    <div className={classNames('pl-composer', className)}>
      {before}
      <div className="pl-composer-box">
        <textarea
          ref={(element) => {
            field.current = element;
            if (typeof ref === 'function') return ref(element);
            if (ref) ref.current = element;
          }}
          rows={1}
          dir="auto"
          value={value}
          aria-label={label}
          aria-describedby={noteId}
          aria-invalid={over > 0 || undefined}
          aria-autocomplete={completion && 'list'}
          aria-controls={completion?.listId}
          aria-activedescendant={completion?.activeId}
          placeholder={placeholder ?? messages.composerPlaceholder}
          enterKeyHint="send"
          onChange={(event: ChangeEvent<HTMLTextAreaElement>) => onChange(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={onBlur}
        />
        <button type="button" className="pl-button" data-variant="primary" aria-disabled={!canSend} onClick={send}>
          {icon}
          {actionLabel}
        </button>
      </div>
      <div id={noteId} className="pl-composer-note" data-kind={over > 0 ? 'error' : undefined}>
        {over > 0 ? <span role="alert">{messages.tooLong(over)}</span> : (note ?? <span />)}
        <span data-hint="keys">
          <kbd>{enter}</kbd> {keyWord} · <kbd>{shiftEnter}</kbd> {breaks}
        </span>
      </div>
    </div>
  );
}
