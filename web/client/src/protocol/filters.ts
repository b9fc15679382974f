import type { ConversationStatus, Handler, SortBy } from './schema.js';

/** What a list shows and in which order. Two equal filters are one list, however they were written. */
export interface ConversationFilters {
  /** Default `open`. */
  status?: ConversationStatus | 'all';
  /** Default `newest`: by time of the last message, then id. */
  sortBy?: SortBy;
  /** Words and word beginnings in names, e-mails, funnel names and every message. */
  search?: string;
  /** Default `false`: what is not in the archive. */
  archived?: boolean | 'all';
  funnelId?: string;
  userId?: string;
  handler?: Handler;
  /** An agent's id. */
  assignee?: string;
  label?: string;
  /** `true`: only conversations with something this side has not read. */
  unread?: boolean;
}
