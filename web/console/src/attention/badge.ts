/** On the installed app's icon. */
export function setAppBadge(count: number): void {
  const app = navigator as Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>;
  const done = count > 0 ? app.setAppBadge?.(count) : app.clearAppBadge?.();
  // Not installed, or not allowed: the title says it.
  done?.catch(() => undefined);
}

/** In the row of tabs, where titles are cut off. */
export function setFavicon(hasUnread: boolean): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const href = hasUnread ? '/favicon-unread.svg' : '/favicon.svg';
  if (link !== null && link.getAttribute('href') !== href) link.href = href;
}

export function titleOf(unread: string | undefined, workspace: string | undefined): string {
  return `${unread === undefined ? '' : `(${unread}) `}${workspace === undefined ? '' : `${workspace} · `}Parlor`;
}
