/** Every bound of this package. */

/** A thread within this many px of its end follows new messages. */
export const atEndPx = 80;
/** Rows rendered beyond each edge of the view. */
export const overscanRows = 6;
/** Messages of one author closer than this share a name and an avatar. */
export const groupWithinMs = 5 * 60_000;
/** Placeholders appear only for loads slower than this. */
export const skeletonAfterMs = 150;
/** The connection banner appears only for breaks longer than this. */
export const bannerAfterMs = 2_000;
/** How long one may take back what was just done. */
export const noticeMs = 10_000;
/** Pause in typing after which a search is sent. */
export const searchDebounceMs = 250;
/** Spoken messages are gathered for this long. */
export const announceAfterMs = 1_000;
/** Longest text read out, in characters. */
export const announcedTextMax = 200;
/** A bubble above this many characters or lines is folded. */
export const foldedTextMax = 1_200;
export const foldedLinesMax = 14;
/** Clock of relative times. */
export const clockTickMs = 30_000;
/** Longest message, in characters, as the server counts them. */
export const messageTextMax = 10_000;
/** Height of a list row before it was measured, in px: `--pl-row`. */
export const rowPx = 76;
/** Height of a message row before it was measured, in px. */
export const messagePx = 64;
/** Room above the oldest loaded message, in px: `.pl-older`. */
export const olderPx = 48;
/** Labels of a conversation and their length, as the server counts them. */
export const labelsMax = 20;
export const labelTextMax = 50;
/** Longest name of a saved view. */
export const viewNameMax = 60;
/** Threads asked at once for their last message of the user. */
export const placesAskedAtOnce = 6;
/** Saved answers offered at once. */
export const cannedShownMax = 8;
/** Earlier conversations of a person shown beside the thread. */
export const earlierShownMax = 10;
