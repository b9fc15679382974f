// Every bound of this package, on one page. Units are last in the names.

/** Messages of one thread kept loaded; beyond it the far side is let go and loaded again when asked for. */
export const THREAD_MESSAGES = 2_000;
/** Messages per request; the server allows 200. */
export const MESSAGE_PAGE = 50;
export const MESSAGE_PAGE_MAX = 200;
/** Conversations per request; the server allows 100. */
export const LIST_PAGE = 50;
export const LIST_PAGE_MAX = 100;
/** Conversations changed by one request; the server allows 100. */
export const BULK_PAGE = 100;
/** Lists kept current though nobody looks, so that switching back is instant. */
export const LISTS_KEPT = 12;
/** Threads kept though nobody looks. */
export const THREADS_KEPT = 30;
/** Conversations kept though no list and no thread shows them. */
export const CONVERSATIONS_KEPT = 20_000;
/** Deleted conversations remembered, so that an answer already on its way does not bring one back. */
export const TOMBSTONES_KEPT = 1_000;
/** Events of one group before its end is in sight; beyond it the topic is loaded afresh. */
export const GROUP_EVENTS = 2_000;

/** Full jitter: uniform below the ceiling, which doubles from the first to the last. */
export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_LAST_MS = 30_000;
/** A connection that lasted this long was healthy: the next failure starts from the beginning. */
export const HEALTHY_AFTER_MS = 10_000;
/** Until the socket is ready. The server itself gives up on a silent one after 5 s. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** Until an answer over the socket. */
export const ANSWER_TIMEOUT_MS = 10_000;
/** Until an answer over HTTP. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Until the host's page has brought a token. */
export const TOKEN_TIMEOUT_MS = 20_000;
/** A server that asks for a longer pause, by its clock or ours, is asked again after this long. */
export const RETRY_AFTER_MOST_MS = 600_000;
/** Events that suggest that the network is back come in storms: they are followed at most this often. */
export const WAKE_AT_MOST_EVERY_MS = 1_000;
/** Silence of this many heartbeats means a dead connection. */
export const HEARTBEATS_MISSED = 2.2;
/** What goes over the socket in one frame; the server closes above 64 KiB. */
export const FRAME_BYTES = 60_000;

/** Messages of one person that survive a reload; those beyond are sent too, but live only as long as the page. */
export const OUTBOX_ENTRIES = 1_000;
/** … and their size together, as JSON characters. */
export const OUTBOX_CHARS = 4_000_000;
/** Messages known to be through, remembered so that another tab's late word does not bring one back. */
export const OUTBOX_DONE_KEPT = 2_000;
/** Drafts kept, the oldest go first, and how long one may be. */
export const DRAFTS_KEPT = 200;
export const DRAFT_CHARS = 20_000;
/** A draft is written down this long after the last key. */
export const DRAFT_SAVE_MS = 400;
/** How long anybody waits for this browser's storage; a database may hang behind another tab's. */
export const STORAGE_TIMEOUT_MS = 3_000;
/** Without a channel between tabs the storage is looked at this often. */
export const STORAGE_POLL_MS = 2_000;
/** Where there are no locks: how long a crashed tab keeps a conversation to itself, and how often others look. */
export const LEASE_MS = 10_000;
export const LEASE_POLL_MS = 500;

/** How long the server holds a question for what changed, in seconds. */
export const POLL_WAIT_S = 25;
/** … and how long to wait where it comes back empty at once: something in between does not hold it. */
export const POLL_PAUSE_MS = 1_000;
/** So many sockets in a row that came to nothing, or this long without one, and changes are asked for over HTTP meanwhile. */
export const SOCKETS_FAILED = 2;
export const POLL_AFTER_MS = 5_000;

export const REFRESH_INTERVAL_MS = 30_000;
/** Settings are looked at again this often while somebody looks: what the clock says changes by itself. */
export const SETTINGS_LOOK_MS = 30_000;
/** … and while a change is being carried to conversations. */
export const SETTINGS_REDATING_MS = 1_000;
/** A thread nobody looks at stays subscribed this long, for the quick way back. */
export const LINGER_MS = 5_000;
/** After a change that a list cannot judge itself, or whose total it cannot: how long to gather before asking. */
export const RECHECK_MS = 1_000;
/** … and at most this often. */
export const RECHECK_AT_MOST_EVERY_MS = 5_000;
/** A typing line goes away by itself. */
export const TYPING_SHOWN_MS = 5_000;
/** Own typing is told at most this often. */
export const TYPING_TOLD_EVERY_MS = 3_000;
/** A page in the background gets no animation frames: changes are published after this long at the latest. */
export const FLUSH_LATEST_MS = 100;
