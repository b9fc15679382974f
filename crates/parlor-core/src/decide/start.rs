//! `start_conversation`: the user's first click or text, with the greeting, in one transaction (contract, section 7.1).

use std::sync::Arc;

use super::draft::Draft;
use super::people::refresh_others;
use super::send::{Words, identity_of, say_and_answer, say_as_user, with_option};
use super::{Answer, Context, Outcome, Ruling, Stop, allow, replay, unchanged};
use crate::access::{Operation, Principal, Role};
use crate::command::{Input, StartConversation};
use crate::conversation::{Conversation, Handler, Status};
use crate::error::Refusal;
use crate::event::ActivityKind;
use crate::funnel::{Block, Funnel};
use crate::id::{ConversationId, FunnelId, InboxId, MessageId, UserId};
use crate::message::{Identity, MessageKind};
use crate::state::{Changes, Keys, State};
use crate::text::{Name, Tag, Text};
use crate::time::Timestamp;
use crate::user::User;

pub(super) fn needs(start: &StartConversation, keys: &mut Keys) {
    keys.conversations.extend(start.id);
    keys.tombstones.extend(start.id);
    keys.messages.extend(message_id(start));
    keys.users.insert(start.user_id.clone());
    keys.funnels.insert(start.funnel_id.clone());
    keys.open.insert((start.user_id.clone(), start.funnel_id.clone()));
}

/// The first message's id. Without one of the client's it follows from the conversation's, so that a repeated start
/// repeats its message too; and from the user's, so that nobody can take it from them.
fn message_id(start: &StartConversation) -> Option<MessageId> {
    start.input.as_ref()?;
    let derived = |id: ConversationId| {
        let Identity(bytes) =
            Identity::of(&[b"first message", id.0.as_bytes(), start.user_id.as_str().as_bytes()]);
        MessageId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    };
    start.message_id.or(start.id.map(derived))
}

pub(super) fn start_conversation(
    state: &State,
    by: &Principal,
    start: &StartConversation,
    context: &mut Context<'_>,
) -> Ruling {
    allow(by, Operation::StartConversation)?;
    if by.role == Role::Visitor
        && (by.user_id().as_ref() != Some(&start.user_id) || start.new || start.user.is_the_hosts())
    {
        return Err(Refusal::Forbidden.into());
    }
    let (mut changes, mut outcome) = begin(state, by, start, context)?;
    if let (Some(user), Outcome::Conversation(answer)) = (&changes.user, &mut outcome)
        && state.user(&user.id)?.is_some_and(|stored| !stored.looks_like(user))
    {
        answer.more = refresh_others(state, &start.user_id, &mut changes, context)?;
    }
    Ok((changes, outcome))
}

fn begin(state: &State, by: &Principal, start: &StartConversation, context: &mut Context<'_>) -> Ruling {
    let identity = first_identity(by, start);
    // Before the name is looked at: it may have become another user's since, when the first try landed elsewhere.
    if let Some(answer) = message_id(start).map(|id| replay(state, by, id, identity)).transpose()?.flatten() {
        return again(start, answer);
    }
    if let Some(existing) = named(state, by, start)? {
        return go_on(state, &existing, start, identity, context);
    }
    if let (false, Some(open)) = (start.new, state.open(&start.user_id, &start.funnel_id)?) {
        return go_on(state, &open.clone(), start, identity, context);
    }
    let funnel = state.funnel(&start.funnel_id)?.cloned();
    if funnel.is_none() && by.role == Role::Visitor {
        return Err(Refusal::field("/funnelId", "names no funnel of this workspace").into());
    }
    let id = start.id.unwrap_or_else(|| ConversationId((context.new_id)()));
    let draft =
        born(id, start.user_id.clone(), &start.funnel_id, funnel.as_deref(), start.locale.clone(), context);
    let user = profile(state, start)?;
    let words = words(start, funnel.as_deref().map(Funnel::start).as_slice(), identity, context)?;
    match words {
        Some(words) => say_and_answer(state, draft, words, Some(user), context),
        None => {
            let touched = state.user(&user.id)?.is_none_or(|stored| **stored != user);
            draft.finish(state, None, touched.then_some(user))
        }
    }
}

/// A start that is repeated: the first answer, wherever its message landed.
fn again(start: &StartConversation, answer: Answer) -> Ruling {
    let landed = &answer.snapshot.conversation;
    // A service speaks for many users; the identity knows only the service.
    if landed.user_id == start.user_id && landed.funnel_id == start.funnel_id {
        return Ok((Changes::default(), Outcome::Conversation(answer)));
    }
    let named = start.id == Some(landed.id);
    Err(if named { Refusal::ConversationIdConflict } else { Refusal::MessageIdConflict }.into())
}

fn first_identity(by: &Principal, start: &StartConversation) -> Identity {
    let (text, option) = match &start.input {
        Some(Input::Text(text)) => (text.as_str(), ""),
        Some(Input::Option(id)) => ("", id.as_str()),
        None => ("", ""),
    };
    identity_of(by, MessageKind::User, start.id, text, start.metadata.as_ref(), &[], option)
}

/// The conversation that already has the id the client chose, if it is the one the client means.
fn named(
    state: &State,
    by: &Principal,
    start: &StartConversation,
) -> Result<Option<Arc<Conversation>>, Stop> {
    let Some(id) = start.id else { return Ok(None) };
    let Some(existing) = state.conversation(id)? else {
        return if state.is_deleted(id)? { Err(Refusal::NotFound.into()) } else { Ok(None) };
    };
    if !by.sees(existing) {
        return Err(Refusal::NotFound.into());
    }
    if existing.user_id != start.user_id || existing.funnel_id != start.funnel_id {
        return Err(Refusal::ConversationIdConflict.into());
    }
    Ok(Some(existing.clone()))
}

/// The start goes to a conversation that is already there.
fn go_on(
    state: &State,
    existing: &Arc<Conversation>,
    start: &StartConversation,
    identity: Identity,
    context: &mut Context<'_>,
) -> Ruling {
    let walked = match &existing.block_id {
        Some(_) => state.funnel_version(&existing.funnel_id, existing.funnel_version)?.cloned(),
        None => None,
    };
    let here = walked.as_deref().zip(existing.block_id.as_ref()).and_then(|(f, id)| f.blocks.get(id));
    // Who starts has seen the greeting: a click on it counts wherever the conversation stands by now.
    let current = state.funnel(&existing.funnel_id)?.cloned();
    let blocks: Vec<&Block> = here.into_iter().chain(current.as_deref().map(Funnel::start)).collect();
    let Some(words) = words(start, &blocks, identity, context)? else {
        return unchanged(state, existing);
    };
    let (changes, mut outcome) = say_as_user(state, existing, words, Some(profile(state, start)?), context)?;
    if let Outcome::Conversation(answer) = &mut outcome {
        // 200, not 201, when no conversation was created, though a message was stored.
        answer.created = changes.conversations.iter().any(|c| c.version == 1);
    }
    Ok((changes, outcome))
}

fn profile(state: &State, start: &StartConversation) -> Result<User, Stop> {
    let known = state.user(&start.user_id)?.map(|u| (**u).clone());
    Ok(known.unwrap_or_else(|| User::new(start.user_id.clone())).with(&start.user))
}

/// What the user said first; a quick reply of one of `blocks` becomes the words on its button.
fn words(
    start: &StartConversation,
    blocks: &[&Block],
    identity: Identity,
    context: &mut Context<'_>,
) -> Result<Option<Words>, Refusal> {
    let Some(input) = &start.input else { return Ok(None) };
    let id = message_id(start).unwrap_or_else(|| MessageId((context.new_id)()));
    let (text, option_id) = match input {
        Input::Text(text) => (text.clone(), None),
        Input::Option(option_id) => {
            let option = blocks.iter().find_map(|block| block.option(option_id));
            let option =
                option.ok_or_else(|| Refusal::field("/optionId", "names no option the bot offers now"))?;
            let text =
                Text::parse(option.text.as_str()).map_err(|detail| Refusal::field("/optionId", detail))?;
            (text, Some(option_id.clone()))
        }
    };
    let metadata = with_option(start.metadata.as_ref(), option_id.as_ref());
    Ok(Some(Words { id, text, metadata, option_id, identity }))
}

/// A user writes into a conversation that is too old to reopen: a new one follows it.
pub(super) fn follow(
    state: &State,
    previous: &Arc<Conversation>,
    words: Words,
    profile: Option<User>,
    context: &mut Context<'_>,
) -> Ruling {
    let funnel = state.funnel(&previous.funnel_id)?.cloned();
    let id = ConversationId((context.new_id)());
    let locale = previous.locale.clone();
    let mut draft =
        born(id, previous.user_id.clone(), &previous.funnel_id, funnel.as_deref(), locale, context);
    draft.conversation.previous_id = Some(previous.id);
    draft.conversation.root_id = Some(previous.root_id.unwrap_or(previous.id));
    if funnel.is_none() {
        draft.conversation.funnel_name = previous.funnel_name.clone();
        // Imported, or walked by a host's bot: where people answered before, nobody else would now.
        if previous.handler != Handler::Bot {
            draft.give_to_queue(context);
        }
    }
    say_and_answer(state, draft, words, profile, context)
}

/// A new conversation with its greeting.
fn born(
    id: ConversationId,
    user_id: UserId,
    funnel_id: &FunnelId,
    funnel: Option<&Funnel>,
    locale: Option<Tag>,
    context: &mut Context<'_>,
) -> Draft {
    let name = || {
        Name::parse(funnel_id.as_str())
            .unwrap_or_else(|_| Name::parse("Funnel").expect("a constant within the bound"))
    };
    let funnel_name = funnel.map_or_else(name, |f| f.name.clone());
    let mut draft =
        Draft::new(blank(id, user_id, funnel_id.clone(), funnel_name, context.now), context.now, None);
    draft.conversation.funnel_version = funnel.map_or(0, |f| f.version);
    draft.conversation.locale = locale;
    draft.record(ActivityKind::Started, None);
    if let Some(funnel) = funnel {
        draft.enter(funnel.start(), context);
    }
    draft
}

/// A conversation in which nothing has happened.
pub(super) fn blank(
    id: ConversationId,
    user_id: UserId,
    funnel_id: FunnelId,
    funnel_name: Name,
    now: Timestamp,
) -> Conversation {
    Conversation {
        id,
        user_id,
        inbox_id: InboxId::default_inbox(),
        funnel_id,
        funnel_name,
        funnel_version: 0,
        block_id: None,
        status: Status::Open,
        handler: Handler::Bot,
        assignee: None,
        created_at: now,
        started_at: now,
        updated_at: now,
        last_message_at: now,
        last_message: "".into(),
        last_side: None,
        clock_started_at: now,
        message_count: 0,
        note_count: 0,
        user_messages: 0,
        our_messages: 0,
        user_last_read_seq: 0,
        agent_last_read_seq: 0,
        our_messages_read: 0,
        user_messages_read: 0,
        closed_at: None,
        close_reason: None,
        archived_at: None,
        delete_at: None,
        snoozed_until: None,
        hold: false,
        previous_id: None,
        root_id: None,
        labels: Vec::new(),
        locale: None,
        external_id: None,
        metadata: None,
        version: 0,
        rev: 0,
        scope_rev: 0,
        due_at: None,
        warned_at: None,
        erase_mark: None,
    }
}
