/** What somebody chose for themselves. A host keeps it where it likes: see `onPreferencesChange`. */
export interface Preferences {
  /** Whether single keys act. Off for those whose speech input or tremor presses them unmeant (WCAG 2.1.4). */
  shortcuts: boolean;
  /** Threads as a plain list, every loaded message in the page's flow: for screen readers, find-in-page and copying. */
  plainList: boolean;
}

export const defaultPreferences: Preferences = { shortcuts: true, plainList: false };
