const isMac = () => typeof navigator !== 'undefined' && /mac|iphone|ipad/i.test(navigator.platform);

const punctuation: Record<string, string> = { Slash: '/' };

/** The letter on the key's cap: on a keyboard of another script, where its place counts. */
function letterOf({ key, code, shiftKey }: KeyboardEvent): string {
  if (key === '؟') return '?';
  if (key.length !== 1 || key.charCodeAt(0) < 128) return key.toLowerCase();
  const onCap = /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? punctuation[code] ?? key;
  return onCap === '/' && shiftKey ? '?' : onCap;
}

/** How a key press is written in a command: `e`, `shift+e`, `mod+k`; undefined for what is never a shortcut. */
export function keyOf(event: KeyboardEvent): string | undefined {
  // 229: Safari ends a composition before the key that confirmed it.
  if (event.isComposing || event.keyCode === 229 || event.altKey) return undefined;
  const letter = letterOf(event);
  const hasMod = isMac() ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (hasMod) return event.shiftKey ? undefined : `mod+${letter}`;
  if (event.ctrlKey || event.metaKey) return undefined;
  return event.shiftKey && /^[a-z]$/.test(letter) ? `shift+${letter}` : letter;
}

const caps: Record<string, string> = { escape: 'Esc', enter: 'Enter', shift: 'Shift' };

/** The keys to draw for a command's key. */
export function keyCaps(key: string): readonly string[] {
  return key.split('+').map((part) => {
    if (part === 'mod') return isMac() ? '⌘' : 'Ctrl';
    return caps[part] ?? part.toUpperCase();
  });
}

const buttonLike = new Set(['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit']);

/**
 * Whether keys are text there, or choose by their letter. A dialog that was closed may keep the focus for an instant: nobody
 * writes there.
 */
export function takesText(target: Element): boolean {
  if (target.closest('dialog:not([open])') !== null) return false;
  const field = target.closest('input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="combobox"], [role="menu"], [role="listbox"]');
  return field !== null && !(field instanceof HTMLInputElement && buttonLike.has(field.type));
}
