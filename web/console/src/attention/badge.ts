import type { LiveChat } from '@parlor/client';

/** On the installed app's icon. */
function setAppBadge(count: number): void {
  const app = navigator as Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>;
  const done = count > 0 ? app.setAppBadge?.(count) : app.clearAppBadge?.();
  // Not installed, or not allowed: the title says it.
  done?.catch(() => undefined);
}

/** In the row of tabs, where titles are cut off. */
function setFavicon(hasUnread: boolean): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const href = hasUnread ? '/favicon-unread.svg' : '/favicon.svg';
  if (link !== null && link.getAttribute('href') !== href) link.href = href;
}

/**
 * Both icons as the unread count is, until the returned function is called. Each is written only when it is another: one that
 * is cleared and set again blinks, and so does one that is cleared before the count is known.
 */
export function followUnread(chat: LiveChat): () => void {
  const list = chat.list({ unread: true });
  let shown: number | undefined;
  const show = () => {
    const { isLoaded, total } = list.get();
    if (!isLoaded || total === shown) return;
    shown = total;
    setAppBadge(total);
    setFavicon(total > 0);
  };
  const stop = list.subscribe(show);
  show();
  return () => {
    stop();
    setAppBadge(0);
    setFavicon(false);
  };
}

export function titleOf(unread: string | undefined, workspace: string | undefined): string {
  return `${unread === undefined ? '' : `(${unread}) `}${workspace === undefined ? '' : `${workspace} · `}Parlor`;
}
