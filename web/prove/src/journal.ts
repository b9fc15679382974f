/** Somebody pressed send. */
export interface Said {
  readonly id: string;
  readonly text: string;
  /** Whose: role and id. */
  readonly by: string;
  /** The tab, reloads included: what one tab says into one conversation keeps its order. */
  readonly tab: string;
  /** Which of the tab's pages, one after the other. */
  readonly page: number;
  /** The conversation it was said into, or was to begin with it. */
  readonly into: string;
  readonly funnelId?: string;
  /** It is in the outbox: a reload must not lose it. */
  isSaved: boolean;
  /** Its page went before it was saved: it may be lost, and the user saw that it was. */
  mayBeLost: boolean;
  /** Taken back: one already on its way may still arrive. */
  isDiscarded: boolean;
  /**
   * It went out of a page whose storage had failed ever since it was loaded: what earlier pages of the tab had left there it
   * could not know, let alone send before.
   */
  mayOvertake: boolean;
}

type Noted = 'isSaved' | 'mayBeLost' | 'isDiscarded' | 'mayOvertake';

/** What people did, as they know it: the truth that server and screens are held against. */
export class Journal {
  readonly said: Said[] = [];
  private readonly byId = new Map<string, Said>();
  /** Conversations somebody erased, and whose they were. */
  readonly erased = new Map<string, string>();

  say(said: Omit<Said, Noted>): void {
    const entry = { ...said, isSaved: false, mayBeLost: false, isDiscarded: false, mayOvertake: false };
    this.said.push(entry);
    this.byId.set(said.id, entry);
  }

  find(id: string): Said | undefined {
    return this.byId.get(id);
  }

  saved(id: string): void {
    const entry = this.byId.get(id);
    if (entry) entry.isSaved = true;
  }

  /** Goes out of a page that could not read its storage so far. */
  overtakes(id: string): void {
    const entry = this.byId.get(id);
    if (entry) entry.mayOvertake = true;
  }

  /** The page of `tab` is thrown away. */
  gone(tab: string): void {
    for (const entry of this.said) if (entry.tab === tab && !entry.isSaved) entry.mayBeLost = true;
  }
}
