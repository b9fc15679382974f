// Bugs that the proof must catch. Each replaces exact text of the client's source in this bundle and nowhere else; text
// that is not there once fails the build, so that a bug cannot quietly stop being one.

/** @type {Record<string, { file: string, from: string, to: string }[]>} */
export const planted = {
  // A message leaves the outbox when it is sent, not when it is stored.
  'outbox-cleared-before-ack': [{
    file: 'outbox/sender.ts',
    from: "report(entry, 'sending');",
    to: "report(entry, 'sending');\n        await shelf.write([shelf.row('messages', entry.id)]).catch(nothing);",
  }],
  // A topic's cursor moves before the last event of its group is applied: that one goes with the connection.
  'cursor-moved-before-group-end': [{ file: 'sync/cursor.ts', from: 'open.splice(0)', to: 'open.splice(0, open.length - 1)' }],
  // A snapshot is loaded, and what changes before the subscription is never asked for.
  'fetch-before-subscribe': [{
    file: 'live/topics.ts',
    from: "{ op: 'subscribe', topic: sub.topic, since }",
    to: "{ op: 'subscribe', topic: sub.topic }",
  }],
  // A repeat is another message.
  'new-id-on-retry': [{
    file: 'live/sending.ts',
    from: '...request.body, ...own',
    to: '...request.body, ...own, id: (globalThis.delivered ??= new Set()).size < globalThis.delivered.add(request.body.id).size ? request.body.id : ids.next()',
  }],
  // The server says that it cannot resume, and nobody listens.
  'reset-ignored': [{ file: 'client.ts', from: 'return topics.restart(event.topic);', to: 'return;' }],
  // Two tabs send the same message at once.
  'two-tabs-unlocked': [{
    file: 'outbox/sender.ts',
    from: 'locks.request(`parlor ${shelf.owner?.key} ${conversationId}`, { signal }, work)',
    to: 'work()',
  }],
  // A message stored elsewhere stays where it was said.
  'redirect-ignored': [{
    file: 'live/sending.ts', from: 'state.continuations.set(from, to);', to: 'state.continuations.set(from, to);\n    if (from) return;',
  }],
};

/** A vite plugin that plants one of them. */
export function plant(name) {
  const patches = planted[name];
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
