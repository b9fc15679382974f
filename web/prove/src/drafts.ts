import type { StorageChange } from '@parlor/client';

interface Draft {
  /** What the storage has. */
  kept: string;
  /** By tab: typed there and not written down yet. */
  readonly typed: Map<string, string>;
  /** Sent, and not yet known to be gone from the storage. */
  isSent: boolean;
}

/** What one person typed and did not send, over all tabs of their browser and every reload of them. */
export class Drafts {
  private readonly byConversation = new Map<string, Draft>();

  type(tab: string, id: string, text: string): void {
    this.of(id).typed.set(tab, text);
  }

  send(tab: string, id: string): void {
    const draft = this.of(id);
    draft.typed.delete(tab);
    draft.isSent = true;
  }

  /** A tab wrote something down. */
  written(tab: string, changes: readonly StorageChange[]): void {
    for (const { kind, id, value } of changes) {
      if (kind !== 'drafts') continue;
      const draft = this.of(id);
      draft.kept = (value as { text: string } | undefined)?.text ?? '';
      draft.isSent = false;
      if (draft.typed.get(tab) === draft.kept) draft.typed.delete(tab);
    }
  }

  /** The page of `tab` is thrown away: what it had not written down went with it. */
  gone(tab: string): void {
    for (const { typed } of this.byConversation.values()) typed.delete(tab);
  }

  /** What a tab may show in a conversation; one text alone unless the storage failed. */
  *allowed(): Iterable<[id: string, texts: string[]]> {
    for (const [id, { kept, typed, isSent }] of this.byConversation) yield [id, [kept, ...typed.values(), ...(isSent ? [''] : [])]];
  }

  private of(id: string): Draft {
    const draft = this.byConversation.get(id) ?? { kept: '', typed: new Map(), isSent: false };
    this.byConversation.set(id, draft);
    return draft;
  }
}
