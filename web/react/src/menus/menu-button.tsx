import { useState, type ReactNode } from 'react';
import { createPart } from '../part.tsx';
import type { ConversationMenuProps } from './conversation-menu.tsx';

/** Its code comes when a pointer or the focus nears the first button that opens one. */
export const LazyMenu = createPart<ConversationMenuProps>(async () => (await import('./conversation-menu.tsx')).ConversationMenu);

export interface MenuButtonProps extends Pick<ConversationMenuProps, 'conversationId' | 'about' | 'label'> {
  icon: ReactNode;
}

/** A button that opens a menu. */
export function MenuButton({ icon, label, conversationId, about }: MenuButtonProps) {
  const [anchor, setAnchor] = useState<HTMLElement>();
  return (
    <>
      <button
        type="button"
        className="pl-button"
        data-variant="outline"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={anchor !== undefined}
        onPointerEnter={LazyMenu.prepare}
        onFocus={LazyMenu.prepare}
        onClick={({ currentTarget }) => setAnchor(anchor === undefined ? currentTarget : undefined)}
      >
        {icon}
      </button>
      {anchor && <LazyMenu conversationId={conversationId} about={about} anchor={anchor} label={label} onClose={() => setAnchor(undefined)} />}
    </>
  );
}
