import type * as wire from '../protocol/schema.js';
import type { Answer } from './routes.js';
import { invalid, Refusal, type Principal, type Workspace } from './workspace.js';

type StoredView = Omit<wire.SavedView, 'isMine'> & { sub: string };

/** What agents share: agents, labels, funnels, canned answers, saved views. */
export function createDeskRoutes({ rows, funnels, agents }: Workspace, changed: (what: wire.DeskList) => void) {
  const answers = new Map<string, wire.CannedAnswer>();
  const views = new Map<string, StoredView>();
  /** Of the last change of a canned answer, whichever: never twice, also when one is deleted and made anew. */
  let version = 0;
  const byName = <T>(all: Iterable<T>, nameOf: (one: T) => string) => [...all].toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const ok = (body: unknown): Answer => ({ status: 200, body });

  function putAnswer(id: string, { shortcut, text, version: expected }: wire.PutCannedAnswer): Answer {
    const stored = answers.get(id);
    if (stored?.shortcut === shortcut && stored.text === text) return ok(stored);
    if (expected !== undefined && expected !== (stored?.version ?? 0)) throw new Refusal(409, 'canned-answer-changed');
    const isTaken = [...answers.values()].some((other) => other.id !== id && other.shortcut.toLowerCase() === shortcut.toLowerCase());
    if (isTaken) throw invalid('/shortcut', "is another canned answer's; choose one that is free");
    version += 1;
    const answer: wire.CannedAnswer = { id, shortcut, text, version };
    answers.set(id, answer);
    changed('cannedAnswers');
    return { status: stored ? 200 : 201, body: answer };
  }

  function deleteAnswer(id: string, query: URLSearchParams): Answer {
    const stored = answers.get(id);
    if (!stored) throw new Refusal(404, 'not-found');
    const expected = query.get('version');
    if (expected !== null && Number(expected) !== stored.version) throw new Refusal(409, 'canned-answer-changed');
    answers.delete(id);
    changed('cannedAnswers');
    return { status: 204 };
  }

  function viewsOf(who: Principal): wire.SavedView[] {
    const seen = [...views.values()].filter(({ isShared, sub }) => isShared || sub === who.sub);
    return byName(seen.map(({ sub, ...view }) => ({ ...view, isMine: sub === who.sub })), ({ name }) => name);
  }

  function ownView(id: string, who: Principal): StoredView | undefined {
    const view = views.get(id);
    if (view && view.sub !== who.sub && who.role !== 'admin') throw new Refusal(view.isShared ? 403 : 404, view.isShared ? 'forbidden' : 'not-found');
    return view;
  }

  function putView(id: string, { name, isShared = false, filters }: Omit<wire.SavedView, 'id' | 'isMine'>, who: Principal): Answer {
    const sub = ownView(id, who)?.sub ?? who.sub;
    views.set(id, { id, name, isShared, filters, sub });
    changed('views');
    return ok({ view: { id, name, isShared, filters, isMine: sub === who.sub } });
  }

  function deleteView(id: string, who: Principal): Answer {
    if (!ownView(id, who)) throw new Refusal(404, 'not-found');
    views.delete(id);
    changed('views');
    return { status: 204 };
  }

  return (route: string, id: string, query: URLSearchParams, body: unknown, who: Principal): Answer => {
    if (who.role === 'visitor') throw new Refusal(404, 'not-found');
    agents.set(who.sub, who.name ?? who.sub);
    switch (route) {
      case 'GET agents': return ok({ agents: byName([...agents].map(([sub, name]) => ({ id: sub, name })), ({ name }) => name) });
      case 'GET labels': {
        const all = [...rows.values()].flatMap(({ conversation }) => conversation.labels ?? []);
        return ok({ labels: [...new Set(all)].toSorted() });
      }
      case 'GET funnels': return ok({ funnels: byName(funnels.values(), ({ name }) => name).map((funnel) => ({ id: funnel.id, name: funnel.name, version: 1 })) });
      case 'GET canned-answers': return ok({ cannedAnswers: byName(answers.values(), ({ shortcut }) => shortcut) });
      case 'PUT canned-answers/…': return putAnswer(id, body as wire.PutCannedAnswer);
      case 'DELETE canned-answers/…': return deleteAnswer(id, query);
      case 'GET views': return ok({ views: viewsOf(who) });
      case 'PUT views/…': return putView(id, body as Omit<wire.SavedView, 'id' | 'isMine'>, who);
      case 'DELETE views/…': return deleteView(id, who);
      default: throw new Refusal(404, 'not-found');
    }
  };
}
