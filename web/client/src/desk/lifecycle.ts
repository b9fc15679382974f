import type { LiveChat } from '../api.js';
import { SETTINGS_LOOK_MS, SETTINGS_REDATING_MS } from '../limits.js';
import { decodePreview, decodeSettings, type Settings, type SettingsPreview } from '../protocol/lifecycle.js';
import type * as wire from '../protocol/schema.js';
import type { Readable } from '../store/store.js';
import type { Clock } from '../transport/clock.js';
import { createShared } from './shared.js';

/** How conversations end: every agent may look, an admin may change it. */
export interface Lifecycle {
  /** Loaded when first watched; the progress of a change and the state of the clock are looked at again by themselves. */
  readonly settings: Readable<Settings | undefined>;
  /**
   * Shows at once and is taken back when refused; then it rejects with a `LiveChatError`, whose `errors` name the fields. With
   * the `version` it was made from it is refused (`settings-changed`) if somebody else was faster.
   */
  putSettings(change: wire.PutSettings): Promise<void>;
  /** What these settings would have done in the last month, and would do at once. Changes nothing. */
  preview(change: wire.PreviewSettings): Promise<SettingsPreview>;
  /** Believes the machine's clock again, after it was found to disagree with the time that the server ran. */
  goOn(): Promise<void>;
}

export function createLifecycle(chat: LiveChat, clock: Clock, random: () => number): Lifecycle {
  const settings = createShared<Settings>({
    chat, clock, random, what: 'settings',
    load: async () => decodeSettings(await chat.request<wire.Settings>('GET', '/settings')),
    againAfterMs: ({ redating }) => (redating ? SETTINGS_REDATING_MS : SETTINGS_LOOK_MS),
  });
  return {
    settings: settings.readable,
    // Field by field: what was read may be handed back changed, and what only the server says is no part of it.
    putSettings: ({ inboxes, funnels = {}, version }) =>
      settings.change(
        (stored) => ({ ...stored, inboxes, funnels }),
        () => chat.request('PUT', '/settings', { inboxes, funnels, version }),
      ),
    preview: async ({ inboxes, funnels }) =>
      decodePreview(await chat.request<wire.SettingsPreview>('POST', '/settings/preview', { inboxes, funnels })),
    goOn: () =>
      settings.change(
        (stored) => ({ ...stored, clock: { runningS: stored.clock.runningS, isPaused: false } }),
        () => chat.request('POST', '/settings/clock', { isPaused: false }),
      ),
  };
}
