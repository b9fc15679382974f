import type { StorageChange } from '@parlor/client';

interface Draft {
  /** What the storage has. */
  kept: string;
  /** By tab: typed there and not written down yet. */
  readonly typed: Map<string, string>;
  /** Tabs that sent what the storage still has. */
  readonly sentFrom: Set<string>;
}

/** What one person typed and did not send, over all tabs of their browser and every reload of them. */
export class Drafts {
  private readonly byConversation = new Map<string, Draft>();

  type(tab: string, id: string, text: string): void {
    this.of(id).typed.set(tab, text);
  }

  send(tab: string, id: string): void {
    const { typed, sentFrom } = this.of(id);
    typed.delete(tab);
    sentFrom.add(tab);
  }

  /** A tab wrote something down. */
  written(tab: string, changes: readonly StorageChange[]): void {
    for (const { kind, id, value } of changes) {
      if (kind !== 'drafts') continue;
      const draft = this.of(id);
      draft.kept = (value as { text: string } | undefined)?.text ?? '';
      draft.sentFrom.clear();
      if (draft.typed.get(tab) === draft.kept) draft.typed.delete(tab);
    }
  }

  /** The page of `tab` is thrown away: what it had not written down went with it, and what it knew. */
  gone(tab: string): void {
    for (const { typed, sentFrom } of this.byConversation.values()) {
      typed.delete(tab);
      sentFrom.delete(tab);
    }
  }

  /**
   * What a tab shows in each conversation. A sent text that could not be taken out of the storage still stands in the other
   * tabs, and here after a reload; never again where it was sent.
   */
  *shownIn(tab: string): Iterable<[id: string, text: string]> {
    for (const [id, { kept, typed, sentFrom }] of this.byConversation) yield [id, typed.get(tab) ?? (sentFrom.has(tab) ? '' : kept)];
  }

  private of(id: string): Draft {
    const draft = this.byConversation.get(id) ?? { kept: '', typed: new Map(), sentFrom: new Set() };
    this.byConversation.set(id, draft);
    return draft;
  }
}
