import type { LifecyclePolicy, PartialLifecyclePolicy, PolicyDuration, Settings } from '@parlor/client/desk';

export const unitSeconds = { second: 1, minute: 60, hour: 3_600, day: 86_400 } as const;
export type Unit = keyof typeof unitSeconds;
export const units = Object.keys(unitSeconds) as readonly Unit[];

/** A duration as it is being written. `inherit`: as in the inbox. */
export interface Field {
  unit: Unit | 'off' | 'inherit';
  amount: string;
}
export type Timer = keyof LifecyclePolicy;
/** What of the settings is changed here. */
export type Rules = Pick<Settings, 'inboxes' | 'funnels'>;
export type PolicyDraft = Readonly<Record<Timer, Field>>;

/** The settings as they are being changed. */
export interface Draft {
  inbox: PolicyDraft;
  funnels: Readonly<Record<string, PolicyDraft>>;
}

/** In the order of a conversation's life. */
export const closingTimers = ['botIdleS', 'userIdleS', 'teamIdleS', 'warnBeforeS'] as const satisfies readonly Timer[];
export const laterTimers = ['reopenWindowS', 'archiveAfterS', 'deleteAfterS'] as const satisfies readonly Timer[];
export const timers: readonly Timer[] = [...closingTimers, ...laterTimers];

const year = 365 * unitSeconds.day;
/** What the server takes, in seconds. */
export const bounds: Readonly<Record<Timer, readonly [least: number, most: number]>> = {
  botIdleS: [10, year],
  userIdleS: [10, year],
  teamIdleS: [10, year],
  warnBeforeS: [10, year],
  reopenWindowS: [0, 10 * year],
  archiveAfterS: [0, 10 * year],
  deleteAfterS: [unitSeconds.day, 100 * year],
};

/** What is offered when a timer is switched on: the defaults of a new workspace. */
export const offered: Readonly<Record<Timer, number>> = {
  botIdleS: 1_800, userIdleS: 86_400, teamIdleS: 604_800, warnBeforeS: 300, reopenWindowS: 604_800, archiveAfterS: 1_209_600, deleteAfterS: 7_776_000,
};

/** The largest unit in which it is a whole number. */
export function split(seconds: number): { amount: number; unit: Unit } {
  const unit = units.toReversed().find((each) => seconds % unitSeconds[each] === 0 && seconds > 0) ?? 'second';
  return { amount: seconds / unitSeconds[unit], unit };
}

/** Within no time nobody reopens: the server stores never as 0. */
export const isNever = (timer: Timer, value: PolicyDuration): boolean => value === 'off' || (timer === 'reopenWindowS' && value === 0);

export function fieldOf(timer: Timer, value: PolicyDuration | undefined): Field {
  if (value === undefined) return { unit: 'inherit', amount: '' };
  if (isNever(timer, value)) return { unit: 'off', amount: '' };
  const { amount, unit } = split(Number(value));
  return { unit, amount: String(amount) };
}

const policyDraft = (policy: PartialLifecyclePolicy): PolicyDraft => Object.fromEntries(timers.map((timer) => [timer, fieldOf(timer, policy[timer])])) as PolicyDraft;

export const inheriting: PolicyDraft = policyDraft({});

export function draftOf({ inboxes, funnels }: Rules): Draft {
  return { inbox: policyDraft(inboxes.default), funnels: Object.fromEntries(Object.entries(funnels).map(([id, policy]) => [id, policyDraft(policy)])) };
}

/** Its value; undefined: as in the inbox; NaN: none. */
function valueOf({ unit, amount }: Field): PolicyDuration | undefined {
  if (unit === 'inherit') return undefined;
  if (unit === 'off') return 'off';
  return amount.trim() === '' ? Number.NaN : Math.round(Number(amount) * unitSeconds[unit]);
}

function policyOf(draft: PolicyDraft): PartialLifecyclePolicy {
  const policy: PartialLifecyclePolicy = {};
  for (const timer of timers) {
    const value = valueOf(draft[timer]);
    if (value !== undefined) policy[timer] = value;
  }
  return policy;
}

/** Where a field is in what is sent: as the server's errors name it. */
export const pointerOf = (timer: Timer, funnelId?: string): string =>
  funnelId === undefined ? `/inboxes/default/${timer}` : `/funnels/${funnelId.replaceAll('~', '~0').replaceAll('/', '~1')}/${timer}`;

/** What is sent; a funnel that does nothing otherwise is none. */
export function changeOf({ inbox, funnels }: Draft): Rules {
  const others = Object.entries(funnels).map(([id, draft]) => [id, policyOf(draft)] as const).filter(([, policy]) => Object.keys(policy).length > 0);
  return { inboxes: { default: policyOf(inbox) as LifecyclePolicy }, funnels: Object.fromEntries(others) };
}

/** The fields that hold nothing the server would take. */
export function wrongFields({ inbox, funnels }: Draft): ReadonlyMap<string, Timer> {
  const wrong = new Map<string, Timer>();
  const check = (draft: PolicyDraft, funnelId?: string) => {
    for (const timer of timers) {
      const value = valueOf(draft[timer]);
      const [least, most] = bounds[timer];
      const isFine = value === undefined || value === 'off' || (value >= least && value <= most);
      if (!isFine) wrong.set(pointerOf(timer, funnelId), timer);
    }
  };
  check(inbox);
  for (const [id, draft] of Object.entries(funnels)) check(draft, id);
  return wrong;
}
