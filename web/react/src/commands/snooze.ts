const hour = 3_600_000;
const morningHour = 9;

export interface SnoozeTime {
  id: 'hours-1' | 'hours-3' | 'tomorrow' | 'monday';
  at: Date;
}

function morningIn(days: number, now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, morningHour);
}

/** What is offered, in the reader's own time zone. */
export function snoozeTimes(now: Date): readonly SnoozeTime[] {
  const untilMonday = (8 - now.getDay()) % 7 || 7;
  const times: SnoozeTime[] = [
    { id: 'hours-1', at: new Date(now.getTime() + hour) },
    { id: 'hours-3', at: new Date(now.getTime() + 3 * hour) },
    { id: 'tomorrow', at: morningIn(1, now) },
  ];
  if (untilMonday > 1) times.push({ id: 'monday', at: morningIn(untilMonday, now) });
  return times;
}

const two = (n: number) => String(n).padStart(2, '0');

/** As a field of local date and time has it. */
export function fieldValue(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
