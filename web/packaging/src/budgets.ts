/**
 * What may be fetched, in KiB gzip: the one place. Raise a line only with a reason that stands beside it.
 * React and, in the lines of @parlor/react, @parlor/client are the host's own.
 */
export const budgets = {
  // The goal was 8. 13.6 were there before messages survived a reload: the outbox in IndexedDB with its tabs and drafts added
  // 3.7, the long poll 0.9. Neither may be a chunk of its own: it would have to be fetched when the network is bad. Private
  // notes, changes of many, opening at a message and search hits are the state that the stream and every page run through. What
  // else only agents need is an entry of its own (`desk`).
  client: 20,
  'react with virtualiser': 28,
  'link recogniser (with the first link)': 5.5,
  // Fetched after the first paint, or when it is first opened: filters and changes of many 4, commands 7, menus, notes and
  // details 10.
  'late parts of react': 21,
  'one hook of react': 1,
  'provider and useLiveChat': 7,
  styles: 6,
  'console, first load': 150,
  'demo page, first load': 150,
} as const;
