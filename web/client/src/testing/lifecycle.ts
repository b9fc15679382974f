import type * as wire from '../protocol/schema.js';
import type { Clock } from '../transport/clock.js';
import type { Row, Workspace } from './workspace.js';

const DAY_S = 86_400;
/** What is marked for erasure waits as long as the server's own. */
const ERASE_WAIT_S = DAY_S;

/** The contract's windows; what closes conversations by itself is off, until a test switches it on. */
export const TEST_POLICY: wire.LifecyclePolicy = {
  botIdleS: 'off', userIdleS: 'off', teamIdleS: 'off', reopenWindowS: 7 * DAY_S, archiveAfterS: 'off', deleteAfterS: 'off', warnBeforeS: 'off',
};

/** What the clock of a row has seen last, to notice what starts it anew. */
interface Seen {
  startMs: number;
  said: number;
  was: string;
  isWarned: boolean;
}

interface Due {
  atMs: number;
  step(): void;
}

/** When conversations close, wake, are archived and erased: the server's rules, on the clock of the test. */
export function createLifecycle(clock: Clock, workspace: () => Workspace, changed: () => void) {
  let settings: wire.Settings = { version: 1, inboxes: { default: TEST_POLICY }, funnels: {}, clock: { runningS: 0, isPaused: false } };
  const seen = new Map<Row, Seen>();
  const timers = new Map<Row, () => void>();
  const text = (ms: number) => new Date(ms).toISOString();
  const policyOf = ({ conversation }: Row): wire.LifecyclePolicy => ({ ...settings.inboxes.default, ...settings.funnels[conversation.funnelId] });

  function idleOf({ conversation: { handler }, messages }: Row, policy: wire.LifecyclePolicy): wire.PolicyDuration {
    if (handler === 'bot') return policy.botIdleS;
    const last = messages.findLast(({ type }) => type !== 'system');
    return handler === 'agent' && last?.type === 'bot' ? policy.userIdleS : policy.teamIdleS;
  }

  /** Starts its clock where something happened, and says when it closes. Part of every commit. */
  function date(row: Row): void {
    const { conversation, messages } = row;
    const said = messages.filter(({ type }) => type !== 'system').length;
    const before = seen.get(row);
    // A user who writes is awake.
    if (before && said > before.said && messages.at(-1)?.type === 'user') delete conversation.snoozedUntil;
    const was = JSON.stringify([conversation.status, conversation.handler, conversation.snoozedUntil, conversation.hold ?? false]);
    const isSame = before?.said === said && before.was === was;
    const now = isSame ? before : { startMs: clock.now(), said, was, isWarned: false };
    seen.set(row, now);
    const idle = idleOf(row, policyOf(row));
    const isRunning = conversation.status === 'open' && !conversation.hold && conversation.snoozedUntil === undefined;
    if (isRunning && idle !== 'off') conversation.autoCloseAt = text(now.startMs + idle * 1000);
    // With the timer off a time that a test has given stands until something happens.
    else if (!isRunning || (before && !isSame)) delete conversation.autoCloseAt;
    dateArchive(row);
    plan(row);
  }

  function dateArchive(row: Row): void {
    const { conversation } = row;
    if (!conversation.isArchived) {
      for (const none of ['archivedAt', 'deleteAt', 'eraseMarkedAt'] as const) delete conversation[none];
      return;
    }
    conversation.archivedAt ??= text(clock.now());
    const { deleteAfterS } = policyOf(row);
    if (deleteAfterS === 'off' || conversation.hold) {
      delete conversation.eraseMarkedAt;
      delete conversation.deleteAt;
    } else conversation.deleteAt = text(Date.parse(conversation.archivedAt) + deleteAfterS * 1000);
  }

  function nextOf(row: Row): Due | undefined {
    const { conversation } = row;
    const { commit, setStatus, systemLine, remove } = workspace();
    const change = (step: (one: Row['conversation']) => void) => () => commit(row, () => step(conversation));
    if (conversation.hold) return undefined;
    if (conversation.snoozedUntil !== undefined) {
      return { atMs: Date.parse(conversation.snoozedUntil), step: change((one) => delete one.snoozedUntil) };
    }
    const { autoCloseAt, eraseMarkedAt, deleteAt, closedAt } = conversation;
    const { warnBeforeS, archiveAfterS } = policyOf(row);
    if (autoCloseAt !== undefined) {
      const atMs = Date.parse(autoCloseAt);
      const own = seen.get(row);
      if (warnBeforeS !== 'off' && own && !own.isWarned) {
        // As long a warning as the timer leaves room for.
        const warnMs = Math.min(warnBeforeS * 1000, (atMs - own.startMs) / 2);
        const warn = () => {
          own.isWarned = true;
          systemLine(row, 'closing_soon', 'This conversation closes soon unless somebody writes.', { at: autoCloseAt });
        };
        return { atMs: atMs - warnMs, step: () => commit(row, warn) };
      }
      return { atMs, step: () => commit(row, () => setStatus(row, 'closed', 'inactivity')) };
    }
    if (eraseMarkedAt !== undefined) return { atMs: Date.parse(eraseMarkedAt) + ERASE_WAIT_S * 1000, step: () => remove(conversation.id, 'retention') };
    if (deleteAt !== undefined) return { atMs: Date.parse(deleteAt), step: change((one) => (one.eraseMarkedAt = text(clock.now()))) };
    if (closedAt !== undefined && !conversation.isArchived && archiveAfterS !== 'off') {
      return { atMs: Date.parse(closedAt) + archiveAfterS * 1000, step: change((one) => (one.isArchived = true)) };
    }
    return undefined;
  }

  function plan(row: Row): void {
    timers.get(row)?.();
    const due = nextOf(row);
    if (!due) return void timers.delete(row);
    timers.set(row, clock.after(Math.max(0, due.atMs - clock.now()), () => {
      if (workspace().rows.get(row.conversation.id) === row) due.step();
    }));
  }

  function put(change: Partial<Omit<wire.Settings, 'version'>>): void {
    settings = { ...settings, ...change, version: settings.version + 1 };
    const { rows, commit } = workspace();
    for (const row of rows.values()) {
      const before = JSON.stringify(row.conversation);
      date(row);
      if (JSON.stringify(row.conversation) !== before) commit(row, () => {});
    }
    changed();
  }

  return {
    date, put,
    get settings() {
      return settings;
    },
    preview: (change: Pick<Partial<wire.Settings>, 'inboxes' | 'funnels'>) => previewOf([...workspace().rows.values()], { ...settings, ...change }, clock.now()),
  };
}

const PREVIEW_DAYS = 30;

/** What these settings would have done to what is here: every silence that is longer than its timer counts once. */
function previewOf(rows: readonly Row[], { inboxes, funnels }: Pick<wire.Settings, 'inboxes' | 'funnels'>, nowMs: number): wire.SettingsPreview {
  const fromMs = nowMs - PREVIEW_DAYS * DAY_S * 1000;
  const found = { closes: 0, closesWaiting: 0, closesNow: 0, archives: 0, deletes: 0 };
  const isOver = (sinceMs: number, after: wire.PolicyDuration | undefined, untilMs: number) => after !== undefined && after !== 'off' && sinceMs + after * 1000 <= untilMs;
  for (const { conversation, messages } of rows) {
    const policy: wire.PartialLifecyclePolicy = { ...inboxes.default, ...funnels[conversation.funnelId] };
    const said = messages.filter(({ type }) => type !== 'system');
    const silent = said.findIndex(({ type, timestamp }, index) => {
      const idle = conversation.handler === 'bot' ? policy.botIdleS : conversation.handler === 'agent' && type === 'bot' ? policy.userIdleS : policy.teamIdleS;
      return isOver(Date.parse(timestamp), idle, Date.parse(said[index + 1]?.timestamp ?? new Date(nowMs).toISOString()));
    });
    if (silent >= 0) found.closes += 1;
    if (said[silent]?.type === 'user') found.closesWaiting += 1;
    if (silent >= 0 && silent === said.length - 1 && conversation.status === 'open') found.closesNow += 1;
    const soonMs = 2 * nowMs - fromMs;
    if (conversation.closedAt && !conversation.isArchived && isOver(Date.parse(conversation.closedAt), policy.archiveAfterS, soonMs)) found.archives += 1;
    if (conversation.archivedAt && isOver(Date.parse(conversation.archivedAt), policy.deleteAfterS, soonMs)) found.deletes += 1;
  }
  return { from: new Date(fromMs).toISOString(), to: new Date(nowMs).toISOString(), conversations: rows.length, isCapped: false, ...found };
}
