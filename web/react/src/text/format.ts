import type { Messages } from './messages.ts';

/** Dates in the reader's language and time zone. Pure: `now` comes in. */
export interface Format {
  /** `14:05` */
  time(at: Date): string;
  /** Weekday, date and time in full, for titles. */
  full(at: Date): string;
  /** `Today`, `Yesterday`, or the date. */
  day(at: Date, now: Date): string;
  /** Short for a list row: `now`, `5 min`, `14:05`, `Tue`, `3 Mar`. */
  short(at: Date, now: Date): string;
  /** `5 minutes ago`. */
  ago(at: Date, now: Date): string;
  /** Whether two instants fall on one local day. */
  sameDay(a: Date, b: Date): boolean;
  /** For formats of one's own. */
  readonly locale: string | undefined;
  /** A number, or `99+` above `most`. */
  number(value: number, most?: number): string;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const dayStart = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
// Rounded, since a day with a clock change has 23 or 25 hours.
const daysBetween = (at: Date, now: Date) => Math.round((dayStart(now) - dayStart(at)) / day);

export function createFormat(locale: string | undefined, messages: Messages): Format {
  const make = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  const time = make({ timeStyle: 'short' });
  const full = make({ dateStyle: 'full', timeStyle: 'short' });
  const weekday = make({ weekday: 'short' });
  const date = make({ day: 'numeric', month: 'short' });
  const dateOfYear = make({ day: 'numeric', month: 'short', year: 'numeric' });
  const longDate = make({ weekday: 'long', day: 'numeric', month: 'long' });
  const longDateOfYear = make({ day: 'numeric', month: 'long', year: 'numeric' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const number = new Intl.NumberFormat(locale);
  const minutes = new Intl.NumberFormat(locale, { style: 'unit', unit: 'minute', unitDisplay: 'short' });

  return {
    time: (at) => time.format(at),
    full: (at) => full.format(at),
    day(at, now) {
      const days = daysBetween(at, now);
      if (days === 0) return messages.today;
      if (days === 1) return messages.yesterday;
      return (at.getFullYear() === now.getFullYear() ? longDate : longDateOfYear).format(at);
    },
    short(at, now) {
      const age = now.getTime() - at.getTime();
      if (age < minute) return relative.format(0, 'second');
      if (age < hour) return minutes.format(Math.floor(age / minute));
      const days = daysBetween(at, now);
      if (days === 0) return time.format(at);
      if (days < 7) return weekday.format(at);
      return (at.getFullYear() === now.getFullYear() ? date : dateOfYear).format(at);
    },
    ago(at, now) {
      const age = Math.max(0, now.getTime() - at.getTime());
      if (age < minute) return relative.format(0, 'second');
      if (age < hour) return relative.format(-Math.floor(age / minute), 'minute');
      if (age < day) return relative.format(-Math.floor(age / hour), 'hour');
      return relative.format(-daysBetween(at, now), 'day');
    },
    sameDay: (a, b) => dayStart(a) === dayStart(b),
    locale,
    number: (value, most = Number.POSITIVE_INFINITY) => (value > most ? `${number.format(most)}+` : number.format(value)),
  };
}
