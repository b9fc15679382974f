import { useId, useState, type ReactNode } from 'react';

export interface PopoverProps {
  /** Names what opens, and the button where that is only an icon. */
  label: string;
  /** On the button. */
  face: ReactNode;
  variant?: 'icon';
  children: ReactNode;
}

/** Closes the popover that an element is in, with the focus back on its button: before anything else takes it. */
export const closeAround = (element: Element) => element.closest<HTMLElement>('[popover]')?.hidePopover?.();

/** A button and what opens under it. The browser's own popover: it closes with Escape and by a click elsewhere, and gives the focus back. */
export function Popover({ label, face, variant, children }: PopoverProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="pl-button" data-variant={variant} popoverTarget={id} aria-expanded={isOpen} aria-label={variant === 'icon' ? label : undefined} title={label}>
        {face}
      </button>
      <div
        id={id}
        className="popover"
        popover="auto"
        role="dialog"
        aria-label={label}
        onToggle={(event) => setOpen((event.nativeEvent as ToggleEvent).newState === 'open')}
      >
        {children}
      </div>
    </>
  );
}
