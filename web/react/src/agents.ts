// What only agents need, an entry of its own so that nobody else loads it.
export { ConversationDetails, type ConversationDetailsProps } from './details/conversation-details.tsx';
export { useConversationCommands, type ConversationCommands } from './hooks/conversation-commands.ts';
export { englishForAgents, type AgentMessages } from './text/agent-messages.ts';
export { answerVariables, fillVariables, type AnswerConversation, type AnswerVariable } from './text/variables.ts';
export { NoteBubble, type NoteBubbleProps } from './thread/note-bubble.tsx';
