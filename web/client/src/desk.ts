import type { LiveChat } from './api.js';
import { LiveChatError } from './protocol/problem.js';
import type { Agent, CannedAnswer, DeskList, FunnelItem, PutCannedAnswer, SavedView } from './protocol/schema.js';
import { createErasure, type Erasure } from './desk/erasure.js';
import { createLifecycle, type Lifecycle } from './desk/lifecycle.js';
import { createShared, type Shared } from './desk/shared.js';
import { secureRandom } from './live/platform.js';
import type { Readable } from './store/store.js';
import { systemClock, type Clock } from './transport/clock.js';

export type { DeletionPage, Erasure } from './desk/erasure.js';
export type { Lifecycle } from './desk/lifecycle.js';
export type { ClockState, Deletion, Settings, SettingsPreview } from './protocol/lifecycle.js';
export type {
  Agent, CannedAnswer, DeleteReason, DryRun, FunnelItem, LifecyclePolicy, PartialLifecyclePolicy, PolicyDuration, PreviewSettings,
  PutCannedAnswer, PutSettings, SavedView, ViewFilters,
} from './protocol/schema.js';

export interface DeskOptions {
  /** Default: the machine's. */
  clock?: Clock;
  /** Evenly spread in [0, 1), for the wait before a failed load is tried again. */
  random?: () => number;
}

/** What agents share. Every list is undefined until it has arrived. */
export interface Desk {
  /** Everybody who may hold a conversation, by name. */
  readonly agents: Readable<readonly Agent[] | undefined>;
  /** Labels in use, sorted. */
  readonly labels: Readable<readonly string[] | undefined>;
  readonly funnels: Readable<readonly FunnelItem[] | undefined>;
  readonly cannedAnswers: Readable<readonly CannedAnswer[] | undefined>;
  /** Own views and those that others share. */
  readonly views: Readable<readonly SavedView[] | undefined>;
  // Each shows at once and is taken back when refused; then it rejects with a `LiveChatError`.
  /**
   * With the `version` it was made from, 0 for a new one, it is refused (`canned-answer-changed`) if somebody else was faster.
   * Without, it takes the place of whatever is there.
   */
  putCannedAnswer(id: string, answer: PutCannedAnswer): Promise<void>;
  /** With the `version` that was seen, it is refused likewise. */
  deleteCannedAnswer(id: string, seen?: Pick<PutCannedAnswer, 'version'>): Promise<void>;
  /** The id is chosen by whoever makes it: `crypto.randomUUID()`. */
  putView(id: string, view: Pick<SavedView, 'name' | 'filters'> & Partial<Pick<SavedView, 'isShared'>>): Promise<void>;
  deleteView(id: string): Promise<void>;
  /** How conversations end: the rules, and what they would do. */
  readonly lifecycle: Lifecycle;
  /** Admins: what is erased for good, and what was. */
  readonly erasure: Erasure;
}

/**
 * The lists agents choose from, each loaded when it is first watched, and again when the server says that it changed and
 * after every break. One for a client is enough. Visitors have no use for it.
 */
export function createDesk(chat: LiveChat, { clock = systemClock, random = secureRandom }: DeskOptions = {}): Desk {
  function shared<T>(what: DeskList, path: string, nameOf: (one: T) => string = () => ''): Shared<readonly T[]> {
    const load = async () => (await chat.request<Record<string, readonly T[] | undefined>>('GET', path))[what] ?? [];
    const order = (all: readonly T[]) => all.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
    return createShared<readonly T[]>({ chat, clock, random, what, load, order });
  }
  const agents = shared<Agent>('agents', '/agents');
  const labels = shared<string>('labels', '/labels');
  const funnels = shared<FunnelItem>('funnels', '/funnels');
  const cannedAnswers = shared<CannedAnswer>('cannedAnswers', '/canned-answers', ({ shortcut }) => shortcut);
  const views = shared<SavedView>('views', '/views', ({ name }) => name);

  const place = (path: string, id: string) => `${path}/${encodeURIComponent(id)}`;
  const missing = () => new LiveChatError({ code: 'not-found', status: 404, title: 'This is not here any more.' });

  return {
    lifecycle: createLifecycle(chat, clock, random),
    erasure: createErasure(chat),
    agents: agents.readable,
    labels: labels.readable,
    funnels: funnels.readable,
    cannedAnswers: cannedAnswers.readable,
    views: views.readable,

    // Field by field: what was read may be handed back changed.
    putCannedAnswer(id, { shortcut, text, version }) {
      // Its version is the server's to say, and is what the next change names.
      let saved: CannedAnswer | undefined;
      return cannedAnswers.change(
        (all) => [...all.filter((other) => other.id !== id), saved ?? { id, version: 0, ...all.find((other) => other.id === id), shortcut, text }],
        async () => {
          saved = await chat.request<CannedAnswer>('PUT', place('/canned-answers', id), { shortcut, text, version });
        },
      );
    },
    deleteCannedAnswer: (id, { version } = {}) =>
      cannedAnswers.change(
        (all) => all.filter((other) => other.id !== id),
        () => chat.request('DELETE', `${place('/canned-answers', id)}${version === undefined ? '' : `?version=${version}`}`),
      ),

    putView: (id, { name, isShared = false, filters }) =>
      views.change(
        (all) => [
          ...all.filter((other) => other.id !== id),
          { id, isMine: true, ...all.find((other) => other.id === id), name, isShared, filters },
        ],
        () => chat.request('PUT', place('/views', id), { name, isShared, filters }),
      ),
    async deleteView(id) {
      if (views.readable.get()?.every((other) => other.id !== id)) throw missing();
      await views.change((all) => all.filter((other) => other.id !== id), () => chat.request('DELETE', place('/views', id)));
    },
  };
}
