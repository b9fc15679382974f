import { GROUP_EVENTS } from '../limits.js';
import type { StreamEvent } from '../protocol/events.js';

/** One commit on one topic, whole: what may be applied. Its cursor is where the topic then stands. */
export interface Group {
  events: StreamEvent[];
  cursor: string;
}

/** Gathers a topic's events until the one that ends their group; `'overflow'` when no end is in sight. */
export function gather(open: StreamEvent[], event: StreamEvent): Group | 'open' | 'overflow' {
  open.push(event);
  if (event.cursor !== undefined) return { events: open.splice(0), cursor: event.cursor };
  return open.length < GROUP_EVENTS ? 'open' : 'overflow';
}
