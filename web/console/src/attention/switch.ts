import { settings } from '../settings.ts';
import { askPermission } from './notifications.ts';
import { chime } from './sound.ts';

/** Call it from a click or a key: then the browser may be asked. */
export async function switchNotifications(isOn: boolean): Promise<void> {
  settings.set({ notifications: isOn && (await askPermission()) === 'granted' });
}

/** Switched on it is heard, so that one knows what to listen for. */
export function switchSound(isOn: boolean): void {
  settings.set({ sound: isOn });
  if (isOn) chime(settings.get().volume);
}
