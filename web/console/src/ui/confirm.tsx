import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';

export interface ConfirmProps {
  title: string;
  yes: string;
  no: string;
  /** Not yet, or it is being done. */
  isDisabled: boolean;
  onYes(): void;
  onClose(): void;
  children: ReactNode;
}

/** Asks before what cannot be taken back. The browser's own modal dialog; the focus begins at what does nothing. */
export function Confirm({ title, yes, no, isDisabled, onYes, onClose, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null || element.open) return;
    if (element.showModal) element.showModal();
    else element.setAttribute('open', '');
    element.querySelector<HTMLElement>('button')?.focus();
  }, []);
  return (
    <dialog ref={dialog} className="pl-dialog" data-kind="confirm" aria-labelledby={titleId} onClose={onClose}>
      <div className="pl-dialog-body">
        <h2 id={titleId}>{title}</h2>
        {children}
        <footer>
          <button type="button" className="pl-button" data-variant="outline" onClick={onClose}>
            {no}
          </button>
          <button type="button" className="pl-button" data-variant="destructive" aria-disabled={isDisabled} onClick={() => !isDisabled && onYes()}>
            {yes}
          </button>
        </footer>
      </div>
    </dialog>
  );
}
