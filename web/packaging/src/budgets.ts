/**
 * What may be fetched, in KiB gzip: the one place. Raise a line only with a reason that stands beside it.
 * React and, in the lines of @parlor/react, @parlor/client are the host's own.
 */
export const budgets = {
  // The goal was 8. 13.6 were there before messages survived a reload: the outbox in IndexedDB with its tabs and drafts added
  // 3.7, the long poll 0.9. Neither may be a chunk of its own: it would have to be fetched when the network is bad. Private
  // notes, changes of many, opening at a message and search hits are the state that the stream and every page run through. What
  // else only agents need is an entry of its own (`desk`). The last 0.5 are drafts that survive a page that goes, places that can be
  // read once they are loaded, a holder who is called by name at once, and what random histories found: storages that cannot be
  // read when a page is loaded, tabs that know different things, what an ended subscription still tells, and rows that a reset left old. 0.1
  // more are the lines of an export and the mark of what is to be erased; 0.1 take a sent draft off every tab, and a deleted
  // conversation off a page without sockets that shows nothing else; 0.1 are labels shown beside
  // those that others put on meanwhile.
  client: 21.3,
  // The goal is 28. Half of it is the virtualiser, which the first rows need. What only agents open, keys, menus, notes, details
  // and changes of many came as late parts; what is left of them is what a page shows at once: views and filters above the list,
  // rows that hold still, places in a thread, unsent messages on rows, and every word of theirs. 0.2 of it tells growth from a
  // step away from the end, what is new from what was loaded, and each row of an arriving message from all others; 0.3 tell
  // a visitor when a conversation closes, what happens to it next, and that a row rests; 0.2 share reading with the plain list; 0.1
  // keep the row that has the focus while the list is scrolled, and Enter from sending a shortcut; 0.1 lead to a message once more; 0.4 keep the rest
  // of a page from rendering with every message: other rows of the thread, its header, its field, its typing line; 0.1 keep a step of
  // the scroll that older messages come in with; 0.1 say that a search
  // found a note, and open at it.
  'react with virtualiser': 33.9,
  'link recogniser (with the first link)': 4.5,
  // Fetched after the first paint, or when it is first opened: filters and changes of many 4, commands 7 (1 of it saved
  // views, labels and selected conversations by keyboard), menus, notes and details 12, their words 2; what happens next, resting,
  // holding and deleting, in details, menu and palette, 3.5; the plain list's own place, its two ends and its voice 0.7; 0.3 keep a
  // shortcut from being sent while the saved answers load, half a label from being put on, and the focus from falling where keys are
  // commands; 0.3 undo by keyboard, only what is as it was left; 1.5 filter, show details and lead to a message by keyboard, with the
  // words for it, offer the funnels that nobody defined, let each part of the details follow what it shows alone, and ask for
  // the places of many few at a time.
  'late parts of react': 31.4,
  'one hook of react': 1,
  'provider and useLiveChat': 7,
  // The goal is 6. One file serves the whole page, so palette and details (1.0) are in it before they are opened.
  styles: 7,
  'console, first load': 150,
  'demo page, first load': 150,
} as const;
