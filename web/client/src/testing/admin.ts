import type * as wire from '../protocol/schema.js';
import type { createLifecycle } from './lifecycle.js';
import type { Answer } from './routes.js';
import { conversationView, messageView, noteView, Refusal, type Principal, type Row, type Workspace } from './workspace.js';

/** What admins set and erase. Answers with undefined to what is somebody else's to answer. */
export function createAdminRoutes(workspace: Workspace, lifecycle: ReturnType<typeof createLifecycle>) {
  const { rows, deletions, remove } = workspace;
  const ok = (body: unknown): Answer => ({ status: 200, body });
  const ofUser = (id: string) => [...rows.values()].filter(({ conversation }) => conversation.userId === id);

  /** Erases, or with `dryRun` only says what would go. */
  function erase(all: readonly Row[], query: URLSearchParams, reason: wire.DeleteReason, who: Principal): Answer {
    if (query.get('dryRun') === 'true') {
      const sum = (of: (row: Row) => unknown[]) => all.reduce((count, row) => count + of(row).length, 0);
      return ok({ conversations: all.length, messages: sum((row) => row.messages), notes: sum((row) => row.notes.filter((note) => !note.deletedAt)) } satisfies wire.DryRun);
    }
    for (const { conversation } of all) remove(conversation.id, reason, who.sub);
    return { status: 204 };
  }

  function exportUser(id: string, who: Principal): Answer {
    const all = ofUser(id);
    const user = all.at(-1)?.conversation.user;
    if (!user) throw new Refusal(404, 'not-found');
    const lines = all.map((row) => ({
      ...conversationView(row, who), messages: row.messages.map((message) => messageView(row, message, who)), notes: row.notes.map(noteView),
    }));
    return { status: 200, text: [{ user }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''), mediaType: 'application/x-ndjson' };
  }

  function listDeletions(query: URLSearchParams): Answer {
    const before = Number(query.get('before') ?? Infinity);
    const limit = Number(query.get('limit') ?? 50);
    const found = deletions.filter(({ seq }) => seq < before);
    return ok({ deletions: found.slice(0, limit), hasMore: found.length > limit });
  }

  function put({ version, inboxes, funnels, ...unknown }: Partial<wire.Settings>): Answer {
    if (!inboxes || !funnels || Object.keys(unknown).length > 0) throw new Refusal(422, 'validation');
    if (version !== undefined && version !== lifecycle.settings.version) throw new Refusal(409, 'settings-changed');
    const errors = Object.entries(inboxes?.default ?? {}).flatMap(([name, value]) =>
      value !== 'off' && value < 10 && /Idle|warn/.test(name) ? [{ pointer: `/inboxes/default/${name}`, detail: 'must be 10 seconds or more' }] : []);
    if (errors.length > 0) throw new Refusal(422, 'validation', { errors });
    lifecycle.put({ inboxes, funnels });
    return ok(lifecycle.settings);
  }

  function byAdmin(route: string, id: string, query: URLSearchParams, body: unknown, who: Principal): Answer | undefined {
    switch (route) {
      case 'PUT settings': return put(body as Partial<wire.Settings>);
      case 'POST settings/…': {
        if (id === 'preview') return ok(lifecycle.preview(body as Partial<wire.Settings>));
        lifecycle.put({ clock: { ...lifecycle.settings.clock, isPaused: false, pausedAt: undefined, disagreementS: undefined } });
        return ok(lifecycle.settings.clock);
      }
      case 'GET deletions': return listDeletions(query);
      case 'DELETE conversations/…': return erase([workspace.find(who, id)], query, 'admin', who);
      case 'DELETE users/…': return erase(ofUser(id), query, 'user_erased', who);
      case 'GET users/…/export': return exportUser(id, who);
      default: return undefined;
    }
  }

  return (route: string, id: string, query: URLSearchParams, body: unknown, who: Principal): Answer | undefined => {
    if (route === 'GET settings' && who.role !== 'visitor') return ok(lifecycle.settings);
    const isAllowed = who.role === 'admin';
    if (isAllowed) return byAdmin(route, id, query, body, who);
    if (/^(PUT|POST) settings|^GET deletions|^DELETE (conversations|users)\/…$|^GET users/.test(route)) throw new Refusal(403, 'forbidden');
    return undefined;
  };
}
