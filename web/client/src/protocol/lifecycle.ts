import { dated } from './decode.js';
import type * as wire from './schema.js';

/** Whether what cannot be taken back is being done. */
export interface ClockState extends Omit<wire.ClockState, 'pausedAt'> {
  /** Nothing is erased by itself since: the machine's clock and the time the server ran disagree. */
  readonly pausedAt?: Date;
}

/** How conversations of a workspace end. Replaced, never mutated. */
export interface Settings extends Omit<wire.Settings, 'clock'> {
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
