import { useEffect, useLayoutEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Icon } from '../icons.tsx';

export interface MenuItem {
  key: string;
  label: string;
  icon?: ReactNode;
  /** Makes it one of several of which one is chosen. */
  isChecked?: boolean;
  onSelect(): void;
}

export interface MenuProps {
  /** The button it belongs to: it stands there, and the focus returns there. */
  anchor: HTMLElement;
  label: string;
  items: readonly MenuItem[];
  /** Shown while there are no items. */
  empty?: string;
  onClose(): void;
}

const gapPx = 6;

/** Under its button where there is room, above it where not, and never over the edge. In the top layer, which nothing clips. */
function place(menu: HTMLElement, anchor: HTMLElement) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isRtl = getComputedStyle(menu).direction === 'rtl';
  const left = isRtl ? at.left : at.right - width;
  const isBelow = at.bottom + gapPx + height <= window.innerHeight || at.top < height;
  menu.style.left = `${Math.max(gapPx, Math.min(left, window.innerWidth - width - gapPx))}px`;
  menu.style.top = `${Math.max(gapPx, isBelow ? at.bottom + gapPx : at.top - gapPx - height)}px`;
}

/** A menu as the ARIA practices have it: arrows, Home, End, first letters, Escape. Goes when anything else is touched. */
export function Menu({ anchor, label, items, empty, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const isEmpty = items.length === 0;
  usePlaced(menu, anchor, isEmpty);
  useTouchElsewhere(menu, anchor, onClose);

  function leaveTo(element: HTMLElement) {
    onClose();
    element.focus({ preventScroll: true });
  }
  function onKeyDown(event: KeyboardEvent) {
    const all = buttonsOf(menu.current);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (event.key === 'Tab') return onClose();
    if (event.key === 'Escape') leaveTo(anchor);
    else if (to !== undefined) all[to]?.focus();
    else if (!focusByLetter(all, at, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div ref={menu} className="pl-menu" role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
      {items.map(({ key, label: text, icon, isChecked, onSelect }) => (
        <button
          key={key}
          type="button"
          className="pl-button"
          role={isChecked === undefined ? 'menuitem' : 'menuitemradio'}
          aria-checked={isChecked}
          tabIndex={-1}
          onClick={() => {
            leaveTo(anchor);
            onSelect();
          }}
        >
          {isChecked === undefined ? icon : <span className="pl-tick">{isChecked && <Icon name="check" />}</span>}
          <bdi>{text}</bdi>
        </button>
      ))}
      {isEmpty && (
        <button type="button" className="pl-button" role="menuitem" aria-disabled="true" tabIndex={-1} onClick={() => leaveTo(anchor)}>
          {empty}
        </button>
      )}
    </div>
  );
}

type MenuRef = { readonly current: HTMLDivElement | null };

/** Opens it in its place, on what is chosen, else on its first item: of those that say that the items come, and again of these. */
function usePlaced(menu: MenuRef, anchor: HTMLElement, isEmpty: boolean) {
  useLayoutEffect(() => {
    // Where there is no top layer it is only a fixed box.
    const element = menu.current;
    if (element?.showPopover === undefined) return;
    element.setAttribute('popover', 'manual');
    element.showPopover();
  }, [menu]);
  useLayoutEffect(() => {
    const element = menu.current;
    if (element === null) return;
    place(element, anchor);
    const checked = isEmpty ? null : element.querySelector<HTMLElement>('[aria-checked="true"]');
    (checked ?? buttonsOf(element)[0] ?? element).focus({ preventScroll: true });
  }, [menu, anchor, isEmpty]);
}

function useTouchElsewhere(menu: MenuRef, anchor: HTMLElement, onClose: () => void) {
  const close = useRef(onClose);
  useLayoutEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const leave = ({ target }: Event) => {
      const isOurs = target instanceof Node && (menu.current?.contains(target) || anchor.contains(target));
      if (!isOurs) close.current();
    };
    const events = ['pointerdown', 'scroll', 'resize'] as const;
    for (const each of events) window.addEventListener(each, leave, true);
    return () => {
      for (const each of events) window.removeEventListener(each, leave, true);
    };
  }, [menu, anchor]);
}

const buttonsOf = (menu: Element | null) => [...(menu?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];

function focusByLetter(all: readonly HTMLElement[], from: number, key: string): boolean {
  if (key.length !== 1 || key === ' ') return false;
  const wanted = key.toLocaleLowerCase();
  const next = [...all.slice(from + 1), ...all.slice(0, from + 1)];
  const found = next.find((each) => each.textContent?.trim().toLocaleLowerCase().startsWith(wanted));
  found?.focus();
  return found !== undefined;
}
