export type { Agent, CannedAnswer, Desk } from '@parlor/client/desk';
export type { Note } from '@parlor/client';
