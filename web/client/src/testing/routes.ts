import { fullFilters, type ConversationFilters } from '../protocol/filters.js';
import { decodeConversation } from '../protocol/decode.js';
import type * as wire from '../protocol/schema.js';
import { relabelled } from '../sync/labels.js';
import { compareBy, matches } from '../sync/list.js';
import { createAdminRoutes } from './admin.js';
import { createDeskRoutes } from './desk.js';
import type { createLifecycle } from './lifecycle.js';
import { conversationView, invalid, messageView, noteView, Refusal, type Principal, type Row, type Workspace } from './workspace.js';

/** What a route answers with. */
export interface Answer {
  status: number;
  body?: unknown;
  /** Instead of a body: what is not JSON. */
  text?: string;
  /** Of that text. */
  mediaType?: string;
}

type Lifecycle = ReturnType<typeof createLifecycle>;

const ok = (body: unknown): Answer => ({ status: 200, body });
const created = (body: unknown): Answer => ({ status: 201, body });
/** A conversation's, at most. */
const LABELS = 20;
const SEARCHED_WORDS = /[\p{L}\p{N}]+/gu;

/** The HTTP API over a workspace, without HTTP. */
export function createRoutes(workspace: Workspace, lifecycle: Lifecycle, changed: (what: wire.DeskList) => void) {
  const desk = createDeskRoutes(workspace, changed);
  const admin = createAdminRoutes(workspace, lifecycle);
  const { find, commit, append, rows } = workspace;

  function list(query: URLSearchParams, who: Principal): Answer {
    const filters = filtersOf(query);
    const words = (filters.search ?? '').toLowerCase().match(SEARCHED_WORDS) ?? [];
    const compare = compareBy(filters.sortBy);
    const found = [...rows.values()]
      .filter((row) => workspace.sees(who, row) && hasWords(row, words, who))
      .map((row) => ({ row, shown: decodeConversation(conversationView(row, who)) }))
      .filter(({ shown }) => matches(filters, shown))
      .toSorted((a, b) => compare(a.shown, b.shown));
    const limit = number(query, 'limit', 20, 1, 100);
    const token = query.get('pageToken');
    const last = token === null ? undefined : (JSON.parse(atob(token)) as { id: string; at: string; count: number });
    const after = last && { id: last.id, lastMessageAt: new Date(last.at), messageCount: last.count };
    const offset = number(query, 'offset', (number(query, 'page', 1, 1, 10_000) - 1) * limit, 0, 10_000);
    const from = after ? found.filter(({ shown }) => compare(shown, after) > 0) : found.slice(offset);
    const page = from.slice(0, limit);
    const end = page.at(-1)?.shown;
    const hasMore = from.length > page.length;
    return ok({
      conversations: page.map(({ row }) => conversationView(row, who, number(query, 'messages', 50, 0, 50))),
      total: found.length, hasMore, cursor: workspace.cursor(),
      nextPageToken: hasMore && end
        ? btoa(JSON.stringify({ id: end.id, at: end.lastMessageAt.toISOString(), count: end.messageCount }))
        : undefined,
      matches: words.length > 0 ? Object.fromEntries(page.flatMap(({ row }) => matchOf(row, words, who))) : undefined,
    } satisfies wire.ConversationList);
  }

  function listMessages(id: string, query: URLSearchParams, who: Principal): Answer {
    const row = find(who, id);
    const limit = number(query, 'limit', 50, 1, 200);
    const after = query.get('after');
    const before = number(query, 'before', Infinity, 1, Infinity);
    const fitting = row.messages.filter(({ seq }) => seq < before && seq > Number(after ?? 0));
    const end = fitting.length - number(query, 'offset', 0, 0, 10_000);
    const page = after === null ? fitting.slice(Math.max(0, end - limit), Math.max(0, end)) : fitting.slice(0, limit);
    const hasMore = page.length < (after === null ? end : fitting.length);
    const messages = page.map((message) => messageView(row, message, who));
    const from = page[0] && page[0].seq > 1 ? page[0].seq : 0;
    const to = page.at(-1)?.seq ?? 0;
    const notes = who.role === 'visitor' ? undefined : row.notes
      .filter((note) => !note.deletedAt && note.afterSeq >= from && note.afterSeq <= to).map(noteView)
      .toSorted((a, b) => a.afterSeq - b.afterSeq);
    return ok({ messages, notes, hasMore, cursor: workspace.cursor() } satisfies wire.MessageList);
  }

  function postMessage(body: wire.PostMessage, who: Principal): Answer {
    const identity = JSON.stringify([who.sub, body.conversationId, body.type, body.text, body.metadata, body.optionId, body.options]);
    const known = workspace.messageHome.get(body.id ?? '');
    if (known) {
      if (known.identity !== identity) throw new Refusal(409, 'message-id-conflict');
      const home = find(who, known.conversationId);
      const stored = home.messages.find((message) => message.id === body.id);
      return ok(stored && said(home, stored, who));
    }
    if (body.text.trim() === '' || body.text.length > 10_000) {
      throw invalid('/text', 'must have 1 to 10,000 characters');
    }
    const row = admitting(find(who, body.conversationId), body, who);
    let message: wire.LiveChatMessage | undefined;
    commit(row, () => (message = say(row, body, who)));
    if (!message) throw new Refusal(500, 'internal');
    workspace.messageHome.set(message.id, { conversationId: row.conversation.id, identity });
    return created(said(row, message, who));
  }

  const said = (row: Row, message: wire.LiveChatMessage, who: Principal): wire.PostMessageAnswer =>
    ({ message: messageView(row, message, who), conversation: conversationView(row, who) });

  /** The conversation that takes a message: a user's goes to a new one where the old one cannot be reopened. */
  function admitting(row: Row, body: wire.PostMessage, who: Principal): Row {
    const { conversation } = row;
    if (who.role === 'visitor') {
      if (!conversation.isArchived) return row;
      const successor = [...rows.values()].findLast((other) => other.conversation.previousId === conversation.id);
      const { userId, user, funnelId } = conversation;
      return successor ?? workspace.create({ userId, user, funnelId, previousId: conversation.id });
    }
    if (conversation.isArchived && body.reopen !== true) throw new Refusal(409, 'conversation-archived');
    if (conversation.status === 'closed' && body.reopen === false) throw new Refusal(409, 'conversation-closed');
    const holder = conversation.handler === 'agent' ? conversation.assignee?.id : conversation.handler;
    if (body.ifHolder !== undefined && body.ifHolder !== holder) {
      throw new Refusal(409, 'held-by-another', { holder: holderOf(row) });
    }
    return row;
  }

  function say(row: Row, body: wire.PostMessage, who: Principal): wire.LiveChatMessage {
    const { conversation } = row;
    workspace.setStatus(row, 'open', 'agent');
    const name = who.name ?? who.sub;
    const isAgent = who.role === 'agent' || who.role === 'admin';
    const kind = body.type === 'bot' && isAgent ? 'agent' : body.type;
    const { id, type, text, metadata, options } = body;
    const message = append(row, { id, type, text, metadata, options, author: { kind, id: who.sub, name } });
    if (isAgent && conversation.handler !== 'agent') workspace.hold(row, { id: who.sub, name });
    if (type === 'user') workspace.walk(row, message, body.optionId);
    return message;
  }

  function start(body: wire.StartConversation, who: Principal): Answer {
    const known = workspace.messageHome.get(body.messageId ?? '');
    if (known) {
      const home = find(who, known.conversationId);
      return ok(said(home, home.messages.find((message) => message.id === body.messageId) as wire.LiveChatMessage, who));
    }
    const funnel = workspace.funnels.get(body.funnelId);
    const userId = who.role === 'visitor' ? who.sub : body.user?.id ?? '';
    const open = [...rows.values()].find(({ conversation }) =>
      conversation.userId === userId && conversation.funnelId === body.funnelId && conversation.status === 'open');
    const user = { name: who.name ?? userId, ...body.user, id: userId, isOnline: true };
    const row = open ?? workspace.create({ id: body.id ?? workspace.newId(), userId, user, funnelId: body.funnelId });
    const options = funnel?.blocks[funnel.startBlockId]?.options ?? [];
    const text = body.text ?? options.find((option, index) => (option.id ?? String(index)) === body.optionId)?.text ?? '';
    let message: wire.LiveChatMessage | undefined;
    commit(row, () => {
      if (!open && funnel) workspace.enter(row, funnel, funnel.startBlockId);
      const sent: wire.PostMessage = { id: body.messageId, conversationId: row.conversation.id, type: 'user', text, optionId: body.optionId };
      message = say(row, sent, { ...who, role: 'visitor', sub: userId, name: user.name });
    });
    if (message) workspace.messageHome.set(message.id, { conversationId: row.conversation.id, identity: '' });
    return { status: open ? 200 : 201, body: { conversation: conversationView(row, who), message: message && messageView(row, message, who) } };
  }

  function patch(body: wire.PatchConversations, who: Principal): Answer {
    if (body.conversationIds) {
      const failed: { conversationId: string; problem: wire.Problem }[] = [];
      const conversations = body.conversationIds.flatMap((conversationId) => {
        try {
          return [change(conversationId, body, who)];
        } catch (refusal) {
          if (!(refusal instanceof Refusal)) throw refusal;
          failed.push({ conversationId, problem: refusal.problem });
          return [];
        }
      });
      return ok({ conversations, failed });
    }
    return ok({ conversation: change(body.conversationId ?? '', body, who) });
  }

  function change(id: string, body: wire.PatchConversations, who: Principal): wire.LiveChatConversation {
    const row = find(who, id);
    const { conversation } = row;
    const expected = body.if ?? {};
    const isAsExpected = (expected.status ?? conversation.status) === conversation.status
      && (expected.handler ?? conversation.handler) === conversation.handler
      && (expected.assigneeId ?? conversation.assignee?.id) === conversation.assignee?.id;
    if (!isAsExpected) throw new Refusal(409, 'conversation-changed', { conversation: conversationView(row, who) });
    const { conversationId: _, conversationIds: __, if: ___, status, isArchived, assigneeId, addLabels, removeLabels, ...plain } = body;
    const relabels = addLabels !== undefined || removeLabels !== undefined;
    if (relabels && plain.labels) throw invalid('/labels', 'goes with neither addLabels nor removeLabels');
    if (relabels) plain.labels = relabelled(conversation.labels ?? [], addLabels, removeLabels);
    if ((plain.labels?.length ?? 0) > LABELS) throw invalid(relabels ? '/addLabels' : '/labels', `must be at most ${LABELS} labels`);
    const before = JSON.stringify(conversation);
    const isChange = () => JSON.stringify(conversation) !== before;
    const apply = () => {
      if (status) workspace.setStatus(row, status, who.role === 'visitor' ? 'user' : 'agent');
      if (isArchived) workspace.setStatus(row, 'closed', 'agent');
      if (isArchived !== undefined && status !== 'open') conversation.isArchived = isArchived;
      if (assigneeId !== undefined) workspace.hold(row, { id: assigneeId, name: assigneeId });
      for (const [name, value] of Object.entries(plain)) Object.assign(conversation, { [name]: value ?? undefined });
      if (body.handler && body.handler !== 'agent') delete conversation.assignee;
    };
    // A dry run first: a field equal to the stored value is no change, and no change is no commit.
    const messages = row.messages.length;
    apply();
    if (isChange() || row.messages.length > messages) {
      const added = row.messages.splice(messages);
      commit(row, () => row.messages.push(...added));
    }
    return conversationView(row, who);
  }

  function read(id: string, { seq, back = false }: { seq: number; back?: boolean }, who: Principal): Answer {
    const row = find(who, id);
    const mark = who.role === 'visitor' ? 'userLastReadSeq' : 'agentLastReadSeq';
    const upTo = Math.min(seq, row.messages.length);
    const isChange = back ? upTo !== row.conversation[mark] : upTo > row.conversation[mark];
    if (isChange) commit(row, () => (row.conversation[mark] = upTo));
    return ok({ conversation: conversationView(row, who) });
  }

  function take(id: string, from: string | undefined, who: Principal): Answer {
    const row = find(who, id);
    const { assignee, handler } = row.conversation;
    if (handler === 'agent' && assignee?.id !== who.sub && assignee?.id !== from) {
      throw new Refusal(409, 'held-by-another', { holder: holderOf(row) });
    }
    if (assignee?.id !== who.sub) commit(row, () => workspace.hold(row, { id: who.sub, name: who.name ?? who.sub }));
    return ok({ conversation: conversationView(row, who) });
  }

  function giveBack(id: string, who: Principal): Answer {
    const row = find(who, id);
    commit(row, () => {
      row.conversation.handler = workspace.funnels.has(row.conversation.funnelId) ? 'bot' : 'queue';
      delete row.conversation.assignee;
    });
    return ok({ conversation: conversationView(row, who) });
  }

  function addNote(row: Row, { id, text }: { id?: string; text: string }, { sub, name }: Principal): Answer {
    const known = row.notes.find((note) => note.id === id);
    if (known && known.text !== text) throw new Refusal(409, 'message-id-conflict');
    if (text.trim() === '') throw invalid('/text', 'must not be empty');
    const note = known ?? workspace.addNote(row, text, { kind: 'agent', id: sub, name: name ?? sub }, id);
    return { status: known ? 200 : 201, body: noted(row, note) };
  }

  function deleteNote(row: Row, id: string | undefined, who: Principal): Answer {
    const note = row.notes.find((other) => other.id === id);
    if (!note) throw new Refusal(404, 'not-found');
    if (note.author.id !== who.sub && who.role !== 'admin') throw new Refusal(403, 'forbidden');
    workspace.deleteNote(row, note);
    return ok(noted(row, note));
  }

  const noted = (row: Row, note: wire.Note): wire.NoteAnswer =>
    ({ note: noteView(note), conversation: conversationView(row, { role: 'agent', sub: '' }) });

  /** Its text: the caller makes a file of it. */
  function transcript(id: string, query: URLSearchParams, who: Principal): Answer {
    const row = find(who, id);
    const messages = row.messages.map((message) => messageView(row, message, who));
    const notes = query.get('notes') === 'true' && who.role !== 'visitor' ? row.notes.filter((note) => !note.deletedAt).map(noteView) : undefined;
    if (query.get('format') === 'json') return ok({ conversation: conversationView(row, who), messages, notes });
    const lines = [...messages, ...(notes ?? []).map((note) => ({ ...note, timestamp: note.at }))];
    return { status: 200, text: lines.map(({ timestamp, author, text }) => `${timestamp} ${author.name ?? author.kind}: ${text}\n`).join('') };
  }

  /** Answers one request. Throws a `Refusal`. `path` is what follows the base path. */
  return {
    postMessage, read,
    handle(method: string, path: string, query: URLSearchParams, body: unknown, who: Principal): Answer {
      const [resource, encoded = '', action, inner] = path.slice(1).split('/');
      const id = decodeURIComponent(encoded);
      const route = `${method} ${resource}${encoded ? '/…' : ''}${action ? `/${action}` : ''}${inner ? '/…' : ''}`;
      switch (route) {
        case 'GET conversations': return list(query, who);
        case 'POST conversations': return start(body as wire.StartConversation, who);
        case 'PATCH conversations': return patch(body as wire.PatchConversations, who);
        case 'GET conversations/…':
          return ok({ conversation: conversationView(find(who, id), who, number(query, 'messages', 50, 0, 50)), cursor: workspace.cursor() });
        case 'GET conversations/…/messages': return listMessages(id, query, who);
        case 'POST conversations/…/read': return read(id, body as { seq: number }, who);
        case 'POST conversations/…/typing': return { status: 204 };
        case 'POST conversations/…/take': return take(id, (body as { from?: string }).from, who);
        case 'POST conversations/…/give-back': return giveBack(id, who);
        case 'POST conversations/…/notes': return addNote(find(who, id), body as { text: string }, agentOf(who));
        case 'DELETE conversations/…/notes/…': return deleteNote(find(who, id), decodeURIComponent(inner ?? ''), agentOf(who));
        case 'GET conversations/…/transcript': return transcript(id, query, who);
        case 'POST messages': return postMessage(body as wire.PostMessage, who);
        case 'GET me': return ok(meOf(who));
        case 'GET funnels/…': {
          const funnel = workspace.funnels.get(id);
          if (!funnel) throw new Refusal(404, 'not-found');
          return ok(funnel);
        }
        default: return admin(route, id, query, body, who) ?? desk(route, id, query, body, who);
      }
    },
  };
}

function holderOf({ conversation: { assignee } }: Row): wire.Holder | undefined {
  return assignee && { id: assignee.id ?? '', name: assignee.name };
}

export function meOf({ role, sub, name, workspace = 'test' }: Principal): wire.Me {
  return { workspace: { id: workspace, name: workspace }, role, sub, name };
}

function number(query: URLSearchParams, name: string, initial: number, least: number, most: number): number {
  const text = query.get(name);
  return text === null ? initial : Math.min(most, Math.max(least, Number(text)));
}

function filtersOf(query: URLSearchParams) {
  const flag = (name: string) => (query.get(name) === 'all' ? 'all' : query.get(name) === 'true');
  const { archived, unread: _, ...texts } = Object.fromEntries(query) as Record<string, string | undefined>;
  return fullFilters({
    ...(texts as ConversationFilters), archived: archived === undefined ? undefined : flag('archived'),
    unread: flag('unread') === true,
  });
}

/** Agents alone may do what follows. */
function agentOf(who: Principal): Principal {
  if (who.role === 'visitor') throw new Refusal(403, 'forbidden');
  return who;
}

/** What this one may search of a conversation, the newest first: messages, then for our side private notes. */
function searched({ messages, notes }: Row, who: Principal) {
  const said = messages.toReversed().map(({ id, seq, text }) => ({ where: { messageId: id, seq }, text }));
  const noted = who.role === 'visitor' ? [] : notes.toReversed().filter((note) => !note.deletedAt);
  return [...said, ...noted.map(({ id, afterSeq, text = '' }) => ({ where: { noteId: id, seq: afterSeq }, text }))];
}

/** Where the words begin words of a text; none unless all of them do. */
function rangesOf(text: string, words: readonly string[]): [number, number][] {
  const missing = new Set(words);
  const ranges = [...text.matchAll(SEARCHED_WORDS)].flatMap(({ 0: word, index }): [number, number][] => {
    const begun = words.filter((other) => word.toLowerCase().startsWith(other));
    for (const each of begun) missing.delete(each);
    return begun[0] === undefined ? [] : [[index, index + begun[0].length]];
  });
  return missing.size === 0 ? ranges : [];
}

/** The newest with all of the words, and where in it they are. */
function matchOf(row: Row, words: readonly string[], who: Principal): [string, wire.SearchMatch][] {
  const found = searched(row, who).flatMap(({ where, text }): wire.SearchMatch[] => {
    const ranges = rangesOf(text, words);
    const from = Math.max(0, (ranges[0]?.[0] ?? 0) - 40);
    const shown = ranges.map(([a, b]): [number, number] => [a - from, b - from]).filter(([, b]) => b <= 200);
    return ranges.length > 0 ? [{ ...where, text: text.slice(from, from + 200), ranges: shown }] : [];
  });
  return found[0] ? [[row.conversation.id, found[0]]] : [];
}

/** All of them in its names, or in one message or note. */
function hasWords(row: Row, words: readonly string[], who: Principal): boolean {
  const { user, funnelName } = row.conversation;
  const names = [user.name, user.email, funnelName].join(' ');
  return words.length === 0 || [names, ...searched(row, who).map(({ text }) => text)].some((text) => rangesOf(text, words).length > 0);
}
