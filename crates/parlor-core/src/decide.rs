//! Every rule of the product: (what is there, what somebody wants, policy, now) to what changes.
//!
//! Pure: a command reads [`State`], and either everything it changes is applied or nothing is.

mod delete;
mod desk;
mod draft;
mod due;
mod erase;
mod import;
mod note;
mod people;
mod read;
mod send;
mod settings;
mod start;
mod update;

use std::sync::Arc;

use uuid::Uuid;

use crate::agent::AgentRef;
use crate::command::{Action, Command};
use crate::conversation::{Handler, Snapshot};
use crate::desk::{CannedAnswer, SavedView};
use crate::error::Refusal;
use crate::funnel::Funnel;
use crate::id::{ConversationId, MessageId};
use crate::lifecycle::{Policies, Step};
use crate::message::{Message, MessageKind};
use crate::note::Note;
use crate::state::{Changes, DeskPart, Keys, Missing, State};
use crate::time::Timestamp;
use crate::user::User;

/// What comes in from outside: the time, and fresh ids.
pub struct Context<'a> {
    /// The moment the batch is decided at.
    pub now: Timestamp,
    /// Makes a new, time-ordered UUID.
    pub new_id: &'a mut dyn FnMut() -> Uuid,
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A conversation as the command left it.
    Conversation(Answer),
    /// A user; conversations behind `more` still carry the old profile until `RefreshUser` has run.
    User {
        /// As stored now.
        user: Arc<User>,
        /// Where `RefreshUser` goes on.
        more: Option<ConversationId>,
    },
    /// A funnel as stored now.
    Funnel {
        /// With its version.
        funnel: Arc<Funnel>,
        /// Whether this is a new version.
        created: bool,
    },
    /// A conversation, a canned answer or a saved view is gone.
    Deleted,
    /// Some of a user's conversations are gone, or all of them and the profile.
    Erased {
        /// Whether it was all; else the command is to be given again.
        is_done: bool,
    },
    /// A canned answer as stored now.
    CannedAnswer {
        /// As it is.
        answer: Arc<CannedAnswer>,
        /// Whether there was none with its id.
        created: bool,
    },
    /// A saved view as stored now.
    View {
        /// As it is.
        view: Arc<SavedView>,
        /// Whether there was none with its id.
        created: bool,
    },
    /// The agent's name is known.
    Met,
    /// What was due; none when nothing was.
    Fired(Option<Step>),
    /// The settings are as wanted.
    Settings,
    /// A change of the settings was carried on.
    Redated {
        /// Whether there are more conversations.
        more: bool,
    },
}

/// The answer to a command about a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The conversation and its user, after this command.
    pub snapshot: Snapshot,
    /// The message that was sent, when one was.
    pub message: Option<Arc<Message>>,
    /// The private note that was written or deleted, when one was.
    pub note: Option<Arc<Note>>,
    /// False for a replay or a change that changed nothing.
    pub created: bool,
    /// Conversations of the user that still carry an old profile.
    pub more: Option<ConversationId>,
    /// The policies in force, so that an answer can say `autoCloseAt` without asking the store again.
    pub policies: Arc<Policies>,
}

/// What deciding came to: an answer, or rows to load first.
#[derive(Debug)]
pub enum Decision {
    /// Answered; a refusal is an answer.
    Done(Result<Outcome, Refusal>),
    /// Load these and decide again.
    Missing(Box<Keys>),
}

/// Why a rule stopped.
enum Stop {
    Refused(Refusal),
    Missing(Box<Keys>),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Stop::Refused(refusal)
    }
}

impl From<Missing> for Stop {
    fn from(missing: Missing) -> Self {
        Stop::Missing(missing.0)
    }
}

type Ruling = Result<(Changes, Outcome), Stop>;

/// What `command` surely needs; loaded for the whole batch at once before anything is decided.
pub fn needs(command: &Command, keys: &mut Keys) {
    match &command.action {
        Action::StartConversation(start) => start::needs(start, keys),
        Action::SendMessage(send) => {
            keys.conversations.insert(send.conversation_id);
            keys.messages.extend(send.id);
            if send.kind == MessageKind::Bot {
                keys.agents.extend(command.by.agent().map(|me| me.id));
            }
        }
        Action::UpdateConversation(update) => {
            keys.conversations.insert(update.conversation_id);
            keys.agents.extend(update.assignee_id.clone());
            if update.handler == Some(Handler::Agent) {
                keys.agents.extend(command.by.agent().map(|me| me.id));
            }
        }
        Action::MarkRead(mark) => {
            keys.conversations.insert(mark.conversation_id);
        }
        Action::TakeConversation { conversation_id, .. } => {
            keys.conversations.insert(*conversation_id);
            keys.agents.extend(command.by.agent().map(|me| me.id));
        }
        Action::GiveBackConversation { conversation_id } | Action::DeleteConversation { conversation_id } => {
            keys.conversations.insert(*conversation_id);
        }
        Action::EraseUser(erase) => {
            keys.users.insert(erase.user_id.clone());
            keys.of_user.insert((erase.user_id.clone(), None));
        }
        Action::ReplayDeletion(replay) => erase::needs_replay(replay, keys),
        Action::AddNote(add) => note::needs(&command.by, add.conversation_id, add.id, keys),
        Action::DeleteNote { conversation_id, note_id } => {
            note::needs(&command.by, *conversation_id, Some(*note_id), keys);
        }
        Action::PutUser { user_id, .. } => {
            keys.users.insert(user_id.clone());
        }
        Action::RefreshUser { user_id, after } => {
            keys.of_user.insert((user_id.clone(), Some(*after)));
        }
        Action::PutFunnel(funnel) => {
            keys.funnels.insert(funnel.id.clone());
        }
        Action::ImportConversation(import) => import::needs(import, keys),
        Action::PutCannedAnswer(_) | Action::DeleteCannedAnswer { .. } => {
            keys.desk.insert(DeskPart::CannedAnswers);
        }
        Action::PutView(_) | Action::DeleteView(_) => {
            keys.desk.insert(DeskPart::Views);
        }
        Action::MeetAgent => keys.agents.extend(command.by.agent().map(|me| me.id)),
        Action::FireDue { conversation_id, .. } => {
            keys.conversations.insert(*conversation_id);
        }
        Action::PutSettings(_) => {}
        Action::Redate => keys.redate = true,
    }
}

/// Decides one command and applies what it changes to `state`.
pub fn decide(state: &mut State, command: &Command, context: &mut Context<'_>) -> Decision {
    let by = &command.by;
    let ruling = match &command.action {
        Action::StartConversation(start) => start::start_conversation(state, by, start, context),
        Action::SendMessage(send) => send::send_message(state, by, send, context),
        Action::UpdateConversation(update) => update::update_conversation(state, by, update, context),
        Action::MarkRead(mark) => read::mark_read(state, by, mark, context),
        Action::TakeConversation { conversation_id, from } => {
            update::take_conversation(state, by, *conversation_id, from.as_ref(), context)
        }
        Action::GiveBackConversation { conversation_id } => {
            update::give_back_conversation(state, by, *conversation_id, context)
        }
        Action::DeleteConversation { conversation_id } => {
            delete::delete_conversation(state, by, *conversation_id, context)
        }
        Action::EraseUser(erase) => erase::erase_user(state, by, erase, context),
        Action::ReplayDeletion(replay) => erase::replay_deletion(state, by, replay),
        Action::AddNote(add) => note::add_note(state, by, add, context),
        Action::DeleteNote { conversation_id, note_id } => {
            note::delete_note(state, by, *conversation_id, *note_id, context)
        }
        Action::PutUser { user_id, fields } => people::put_user(state, by, user_id, fields, context),
        Action::RefreshUser { user_id, after } => people::refresh_user(state, user_id, *after, context),
        Action::PutFunnel(funnel) => people::put_funnel(state, by, funnel),
        Action::ImportConversation(import) => import::import_conversation(state, by, import, context),
        Action::PutCannedAnswer(put) => desk::put_canned_answer(state, by, put, context),
        Action::DeleteCannedAnswer { id, version } => desk::delete_canned_answer(state, by, id, *version),
        Action::PutView(put) => desk::put_view(state, by, put),
        Action::DeleteView(id) => desk::delete_view(state, by, id),
        Action::MeetAgent => desk::meet_agent(state, by),
        Action::FireDue { conversation_id, clock } => due::fire_due(state, *conversation_id, clock, context),
        Action::PutSettings(put) => settings::put_settings(state, by, put, context),
        Action::Redate => settings::redate(state, context),
    };
    match ruling {
        Ok((changes, outcome)) => {
            state.apply(changes);
            Decision::Done(Ok(outcome))
        }
        Err(Stop::Refused(refusal)) => Decision::Done(Err(refusal)),
        Err(Stop::Missing(keys)) => Decision::Missing(keys),
    }
}

/// A conversation that exists for this caller.
fn visible(
    state: &State,
    by: &crate::access::Principal,
    id: ConversationId,
) -> Result<Arc<crate::conversation::Conversation>, Stop> {
    let found = state.conversation(id)?.filter(|c| by.sees(c));
    Ok(found.ok_or(Refusal::NotFound)?.clone())
}

/// The answer of a command that changed nothing.
fn unchanged(state: &State, conversation: &Arc<crate::conversation::Conversation>) -> Ruling {
    let (snapshot, policies) = (state.snapshot(conversation)?, state.policies().clone());
    let answer = Answer { snapshot, message: None, note: None, created: false, more: None, policies };
    Ok((Changes::default(), Outcome::Conversation(answer)))
}

/// Why nothing can be done to a conversation that is over.
fn over(conversation: &crate::conversation::Conversation) -> Refusal {
    if conversation.is_archived() { Refusal::ConversationArchived } else { Refusal::ConversationClosed }
}

/// The agent, when the name we know them by is not the one they have now.
fn learned(state: &State, agent: &AgentRef) -> Result<Option<AgentRef>, Missing> {
    Ok((state.agent(&agent.id)? != Some(agent)).then(|| agent.clone()))
}

fn allow(by: &crate::access::Principal, operation: crate::access::Operation) -> Result<(), Refusal> {
    if crate::access::may(by.role, operation) { Ok(()) } else { Err(Refusal::Forbidden) }
}

/// The stored message of a repeated send, and where it landed; `None` when the id is free.
fn replay(
    state: &State,
    by: &crate::access::Principal,
    id: MessageId,
    identity: crate::message::Identity,
) -> Result<Option<Answer>, Stop> {
    use crate::state::Claim;
    match state.claim(id)? {
        Claim::Free => Ok(None),
        Claim::Erased => Err(Refusal::NotFound.into()),
        Claim::Stored(message) if message.identity != identity => Err(Refusal::MessageIdConflict.into()),
        Claim::Stored(message) => {
            let conversation = visible(state, by, message.conversation_id)?;
            let (snapshot, policies) = (state.snapshot(&conversation)?, state.policies().clone());
            let message = Some(message.clone());
            Ok(Some(Answer { snapshot, message, note: None, created: false, more: None, policies }))
        }
    }
}
