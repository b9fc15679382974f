/** What a host may add to the palette. */
export interface PageCommand {
  id: string;
  label: string;
  /** More words to find it by. */
  keywords?: string;
  run(): void;
}

export type Group = 'selection' | 'conversation' | 'list' | 'views' | 'page';

/** One thing that can be done, wherever it is asked for: by its key, from the palette, or named in the help. */
export interface Command extends PageCommand {
  group: Group;
  /** As `keyOf` names it: `j`, `shift+e`, `mod+k`. */
  key?: string;
  /** For the help, where a label that says what would happen now is too narrow. */
  helpLabel?: string;
  /** The key works by itself where it means something: Enter on a row, Escape in a thread. */
  isNative?: boolean;
  /** Not in the palette: another key of what is there, or nothing to offer now. */
  isOnlyKey?: boolean;
  /** Nothing to do it to at the moment. */
  isDisabled?: boolean;
}
