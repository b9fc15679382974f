import type { Note } from '../protocol/model.js';
import { asLiveChatError } from '../protocol/problem.js';
import type { NoteAnswer } from '../protocol/schema.js';
import { createIds } from '../protocol/uuid.js';
import { lastSeq } from '../sync/thread.js';
import type { Clock } from '../transport/clock.js';
import type { Rest } from '../transport/rest.js';
import type { State } from './state.js';

/** Notes of agents: shown at once, taken back when the server refuses. */
export function createNotes(state: State, rest: Rest, clock: Clock, random: () => number, flush: () => void) {
  const ids = createIds(clock.now, random);

  async function change(method: string, shown: Note, before: Note | undefined, body?: object): Promise<Note> {
    const { conversationId, id } = shown;
    state.setNote(shown);
    flush();
    try {
      const path = `/conversations/${encodeURIComponent(conversationId)}/notes`;
      const answer = await rest.request<NoteAnswer>(method, before ? `${path}/${encodeURIComponent(id)}` : path, body);
      state.applyAnswer(answer.conversation, undefined, answer.note);
      return state.view.note(conversationId, id) ?? shown;
    } catch (failure) {
      const error = asLiveChatError(failure);
      // The stream may have brought what no answer told.
      if (state.view.note(conversationId, id) === shown) {
        if (before) state.setNote(before);
        else state.dropNote(conversationId, id);
      }
      state.fail(error);
      throw error;
    } finally {
      flush();
    }
  }

  return {
    add(conversationId: string, text: string): Promise<Note> {
      const id = ids.next();
      const { sub = '', name = sub } = state.me.get('') ?? {};
      const afterSeq = state.stored(conversationId)?.messageCount ?? lastSeq(state.threads.get(conversationId));
      const note = { id, conversationId, afterSeq, author: { kind: 'agent', id: sub, name }, text, at: new Date(clock.now()), version: 0 } as const;
      return change('POST', note, undefined, { id, text });
    },

    async remove(conversationId: string, id: string): Promise<void> {
      const note = state.view.note(conversationId, id);
      if (note) await change('DELETE', { ...note, deletedAt: new Date(clock.now()) }, note);
    },
  };
}
