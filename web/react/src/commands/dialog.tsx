import { useLayoutEffect, useRef, type ReactNode, type RefObject } from 'react';

export interface DialogProps {
  label: string;
  kind: 'palette' | 'help' | 'confirm';
  onClose(): void;
  children: ReactNode;
  ref: RefObject<HTMLDialogElement | null>;
}

/** Closes with the focus back where it was. The browser does that for a dialog that is closed, not for one that vanishes. */
export function closeDialog(dialog: HTMLDialogElement | null): void {
  if (dialog?.close) dialog.close();
  else dialog?.dispatchEvent(new Event('close'));
}

/** The browser's own modal dialog: it keeps the focus inside, hides the rest from screen readers, and closes with Escape. */
export function Dialog({ label, kind, onClose, children, ref }: DialogProps) {
  const pressed = useRef<EventTarget>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog === null || dialog.open) return;
    if (dialog.showModal) dialog.showModal();
    else dialog.setAttribute('open', '');
    // Browsers would give the focus to what scrolls.
    dialog.querySelector<HTMLElement>('input, button')?.focus();
  }, [ref]);
  // The dialog itself is its backdrop: everything inside is a child. A drag that began inside ends nothing.
  useLayoutEffect(() => {
    const dialog = ref.current;
    const press = (event: Event) => {
      pressed.current = event.target;
    };
    const release = (event: Event) => {
      if (event.target === dialog && pressed.current === dialog) closeDialog(dialog);
    };
    dialog?.addEventListener('pointerdown', press);
    dialog?.addEventListener('click', release);
    return () => {
      dialog?.removeEventListener('pointerdown', press);
      dialog?.removeEventListener('click', release);
    };
  }, [ref]);
  return (
    <dialog ref={ref} className="pl-dialog" data-kind={kind} aria-label={label} onClose={onClose}>
      <div className="pl-dialog-body">{children}</div>
    </dialog>
  );
}
