const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How far off an instant is, as one says it: `in 12 minutes`, `tomorrow`. Rounded up, so that nothing comes before it was said to. */
export function until(locale: string | undefined, at: Date, now: Date): string {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const left = at.getTime() - now.getTime();
  if (left <= hour) return relative.format(Math.ceil(left / minute), 'minute');
  if (left <= day) return relative.format(Math.ceil(left / hour), 'hour');
  return relative.format(Math.ceil(left / day), 'day');
}

/** Weekday and time within a week, else the date. */
export function moment(locale: string | undefined, at: Date, now: Date): string {
  const isNear = Math.abs(at.getTime() - now.getTime()) < 6 * day;
  const options: Intl.DateTimeFormatOptions = isNear ? { weekday: 'short', hour: 'numeric', minute: '2-digit' } : { dateStyle: 'medium' };
  return new Intl.DateTimeFormat(locale, options).format(at);
}
