import { TYPING_SHOWN_MS, TYPING_TOLD_EVERY_MS } from '../limits.js';
import type { ServerEvent } from '../protocol/events.js';
import type { Typist } from '../protocol/model.js';
import type { Author } from '../protocol/schema.js';
import type { Clock } from '../transport/clock.js';
import type { Socket } from '../transport/socket.js';
import type { State } from './state.js';

/** Who is writing: shown while told, gone by itself. Lost when there is no socket, which harms nobody. */
export function createTyping(state: State, clock: Clock, socket: () => Socket | undefined) {
  const ends = new Map<string, () => void>();
  const toldAt = new Map<string, number>();
  const isSame = (a: Typist, b: Typist) => a.kind === b.kind && a.id === b.id && a.name === b.name;

  function show(conversationId: string, author: Author, isTyping: boolean): void {
    const { kind, id, name } = author;
    const me = state.me.get('');
    if (me && id === me.sub && (kind === 'user') === (me.role === 'visitor')) return;
    const key = JSON.stringify([conversationId, kind, id, name]);
    ends.get(key)?.();
    ends.delete(key);
    const typists = state.typing.get(conversationId);
    const known = typists.some((other) => isSame(other, author));
    if (isTyping) {
      ends.set(key, clock.after(TYPING_SHOWN_MS, () => show(conversationId, author, false)));
      if (!known) state.typing.set(conversationId, [...typists, { kind, id, name }]);
    } else if (known) {
      const left = typists.filter((other) => !isSame(other, author));
      state.typing.set(conversationId, left.length > 0 ? left : undefined);
    }
  }

  // Whoever has said it is not writing it any more.
  state.onStored(({ conversationId, author }) => {
    if (state.typing.get(conversationId).some((other) => isSame(other, author))) show(conversationId, author, false);
  });

  function tell(conversationId: string, isTyping: boolean): void {
    const last = toldAt.get(conversationId);
    if (isTyping ? last !== undefined && Math.abs(clock.now() - last) < TYPING_TOLD_EVERY_MS : last === undefined) return;
    if (isTyping) toldAt.set(conversationId, clock.now());
    else toldAt.delete(conversationId);
    socket()?.cast({ op: 'typing', conversationId, isTyping });
  }

  return {
    receive: (event: Extract<ServerEvent, { event: 'typing' }>) => show(event.conversationId, event.author, event.isTyping),
    tell,
    stop(): void {
      for (const end of ends.values()) end();
      ends.clear();
      toldAt.clear();
      for (const id of state.typing.keys()) state.typing.set(id, undefined);
    },
  };
}
