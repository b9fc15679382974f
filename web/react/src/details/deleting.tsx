import { useState } from 'react';
import { DeleteDialog } from '../commands/delete-dialog.tsx';
import { useWords } from '../commands/words.ts';
import { useMe } from '../hooks/narrow.ts';
import { useParlor } from '../provider.tsx';

/** At the end of everything, for those who may: nobody comes for it, and nobody is to press it in passing. */
export function Deleting({ id }: { id: string }) {
  const { overlay } = useParlor();
  const words = useWords();
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  if (me?.role !== 'admin') return null;
  // Over a page it outlasts this panel, which a narrower window takes away.
  const open = (from: Element) => (from.closest('.pl-page') === null ? setOpen(true) : overlay.set('delete'));
  return (
    <div className="pl-details-part">
      <button type="button" className="pl-button" data-variant="link" data-tone="calm" onClick={(event) => open(event.currentTarget)}>
        {words.eraseConversation}
      </button>
      {isOpen && <DeleteDialog id={id} onClose={() => setOpen(false)} />}
    </div>
  );
}
