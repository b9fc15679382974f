// What a visitor's browser said of itself may be anything: what this one does not know is shown as it is, or not at all.

/** Weekday and time in another zone. */
export function timeIn(locale: string | undefined, at: Date, timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat(locale, { weekday: 'short', hour: 'numeric', minute: '2-digit', timeZone }).format(at);
  } catch {
    return undefined;
  }
}

/** A language's name in the reader's own. */
export function languageName(locale: string | undefined, tag: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
