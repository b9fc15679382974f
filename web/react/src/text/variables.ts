import type { LiveChatConversation, Me } from '@parlor/client';

/** Whom a saved answer is for, as far as it may name them. */
export type AnswerConversation = Pick<LiveChatConversation, 'funnelName'> & { readonly user: Pick<LiveChatConversation['user'], 'name'> };
type Value = (conversation: AnswerConversation | undefined, me: Pick<Me, 'name'> | undefined) => string | undefined;

const firstWord = (name = '') => name.trim().split(/\s+/u)[0];

const values = {
  'user.name': (conversation) => conversation?.user.name,
  'user.firstName': (conversation) => firstWord(conversation?.user.name),
  'agent.name': (_, me) => me?.name,
  'agent.firstName': (_, me) => firstWord(me?.name),
  'conversation.funnelName': (conversation) => conversation?.funnelName,
} satisfies Record<string, Value>;

export type AnswerVariable = keyof typeof values;

/** What a saved answer may name, as `{{user.firstName}}`. */
export const answerVariables = Object.keys(values) as readonly AnswerVariable[];

/**
 * A saved answer with its variables filled in. One without a value goes with the space before it; an unknown one stays, so
 * that whoever sends it sees it.
 */
export function fillVariables(text: string, ...of: Parameters<Value>): string {
  return text.replace(/( ?)\{\{\s*([\w.]+)\s*\}\}/gu, (whole, space: string, name: string) => {
    if (!Object.hasOwn(values, name)) return whole;
    const value: string | undefined = values[name as AnswerVariable](...of);
    return value ? space + value : '';
  });
}
