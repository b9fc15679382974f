// Bugs that the proof must catch. Each replaces exact text of the client's source in this bundle and nowhere else; text
// that is not there once fails the build, so that a bug cannot quietly stop being one.

/**
 * What must be found of each, in the words of docs/reliability.md: a proof that fails in another way has not found it.
 * @type {Record<string, { as: string[], patches: { file: string, from: string, to: string }[] }>}
 */
export const planted = {
  // A message leaves the outbox when it is sent, not when it is stored.
  'outbox-cleared-before-ack': {
    as: ['lost'],
    patches: [{
      file: 'outbox/sender.ts',
      from: "report(entry, 'sending');",
      to: "report(entry, 'sending');\n        await shelf.write([shelf.row('messages', entry.id)]).catch(nothing);",
    }],
  },
  // A topic's cursor moves before the last event of its group is applied: that one goes with the connection.
  'cursor-moved-before-group-end': {
    as: ['gap', 'stale'],
    patches: [{ file: 'sync/cursor.ts', from: 'open.splice(0)', to: 'open.splice(0, open.length - 1)' }],
  },
  // A snapshot is loaded, and what changes before the subscription is never asked for.
  'fetch-before-subscribe': {
    as: ['gap', 'stale'],
    patches: [{
      file: 'live/topics.ts',
      from: "{ op: 'subscribe', topic: sub.topic, since }",
      to: "{ op: 'subscribe', topic: sub.topic }",
    }],
  },
  // What the server tells by an older subscription, behind a gap, is taken for what follows a new snapshot.
  'old-subscription-heard': {
    as: ['gap', 'stale'],
    patches: [{ file: 'live/topics.ts', from: 'if (!on || !followed.delete(sub.topic)) return;', to: 'return void on;' }],
  },
  // A repeat is another message.
  'new-id-on-retry': {
    as: ['ghost'],
    patches: [{
      file: 'live/sending.ts',
      from: '...request.body, ...own',
      // Known by page: one that was reloaded has not delivered anything yet.
      to: '...request.body, ...own, id: (ids.delivered ??= new Set()).size < ids.delivered.add(request.body.id).size ? request.body.id : ids.next()',
    }],
  },
  // The server says that it cannot resume, and nobody listens.
  'reset-ignored': {
    as: ['gap', 'stale'],
    patches: [{ file: 'client.ts', from: 'return topics.restart(event.topic);', to: 'return;' }],
  },
  // Two tabs send the same message at once, which harms nobody, and the failure of one hides what the other was told.
  'refusal-hidden-unlocked': {
    as: ['stuck'],
    patches: [
      {
        file: 'outbox/sender.ts',
        from: 'locks.request(`parlor ${shelf.owner?.key} ${conversationId}`, { signal }, work)',
        to: 'work()',
      },
      { file: 'outbox/sender.ts', from: 'if (!isWaiting(item) || item.entry.refusal) continue;', to: 'if (!isWaiting(item)) continue;' },
    ],
  },
  // A message stored elsewhere stays where it was said.
  'redirect-ignored': {
    as: ['ghost', 'stale'],
    patches: [{
      file: 'live/sending.ts', from: 'state.continuations.set(from, to);', to: 'state.continuations.set(from, to);\n    if (from) return;',
    }],
  },
};

/** A vite plugin that plants one of them. */
export function plant(name) {
  const patches = planted[name]?.patches;
  if (!patches) throw new Error(`no planted bug is called ${name}; there are: ${Object.keys(planted).join(', ')}`);
  const left = new Set(patches);
  return {
    name: 'plant',
    enforce: 'pre',
    transform(code, id) {
      let changed = code;
      for (const patch of patches.filter(({ file }) => id.endsWith(`/client/src/${file}`))) {
        if (changed.split(patch.from).length !== 2) throw new Error(`${name}: ${patch.file} does not hold this once: ${patch.from}`);
        changed = changed.replace(patch.from, () => patch.to);
        left.delete(patch);
      }
      return changed === code ? undefined : { code: changed, map: null };
    },
    buildEnd() {
      if (left.size > 0) throw new Error(`${name}: ${[...left].map(({ file }) => file).join(', ')} is not part of the client`);
    },
  };
}
