import { dated } from './decode.js';
import type * as wire from './schema.js';

/** Seconds, or `off`: this never happens by itself. */
export type Duration = number | 'off';

/** How conversations end, by time without a message. */
export interface Policy {
  /** With the bot. */
  botIdleS: Duration;
  /** With an agent, and the user owes the answer. */
  userIdleS: Duration;
  /** In the queue, or with an agent who owes the answer. */
  teamIdleS: Duration;
  /** How long after its close a user's message reopens a conversation; later it begins a new one. */
  reopenWindowS: Duration;
  /** From the close to the archive. */
  archiveAfterS: Duration;
  /** From the archive to the erasure. */
  deleteAfterS: Duration;
  /** So long before a close the user is told. */
  warnBeforeS: Duration;
}

/** What a funnel does otherwise than its inbox. */
export type PartialPolicy = Partial<Policy>;

/** What an admin changes. */
export interface SettingsChange {
  inboxes: { default: Policy };
  /** By the funnel's id. */
  funnels: Readonly<Record<string, PartialPolicy>>;
  /** The version this change was made from: refused when there is a newer one. */
  version?: number;
}

/** Whether what cannot be taken back is being done. */
export interface ClockState extends Omit<wire.ClockState, 'pausedAt'> {
  /** Nothing is archived or erased since: the machine's clock and the time the server ran disagree. */
  readonly pausedAt?: Date;
}

/** How conversations of a workspace end. Replaced, never mutated. */
export interface Settings extends Required<SettingsChange> {
  /** While a change is being carried to conversations. */
  readonly redating?: { readonly done: number; readonly total?: number };
  readonly clock: ClockState;
}

/** What settings would have done and would do. */
export interface SettingsPreview extends Omit<wire.SettingsPreview, 'from' | 'to'> {
  readonly from: Date;
  readonly to: Date;
}

/** What is kept of a deletion: nothing of what was said. */
export interface Deletion extends Omit<wire.Deletion, 'deletedAt'> {
  readonly deletedAt: Date;
}

export const decodeSettings = (settings: wire.Settings): Settings => ({ ...settings, clock: dated<ClockState>(settings.clock, 'pausedAt') });
export const decodePreview = (preview: wire.SettingsPreview): SettingsPreview => dated<SettingsPreview>(preview, 'from', 'to');
export const decodeDeletion = (deletion: wire.Deletion): Deletion => dated<Deletion>(deletion, 'deletedAt');
