//! `send_message`: idempotent, never refused to a user for lifecycle reasons (contract, sections 6 and 7).

use std::sync::Arc;

use super::draft::{Draft, Said};
use super::{Context, Outcome, Ruling, Stop, allow, learned, over, replay, visible};
use crate::access::{Operation, Principal, Role};
use crate::command::{Holder, SendMessage};
use crate::conversation::{Conversation, Handler};
use crate::error::Refusal;
use crate::id::{ConversationId, MessageId, OptionId};
use crate::lifecycle;
use crate::message::{Author, Identity, MessageKind};
use crate::planted;
use crate::state::{Keys, State};
use crate::text::{Metadata, Text};
use crate::user::User;

/// Users' `last_seen_at` is kept to this; a write per message would cost a page each.
const SEEN_EVERY_MS: i64 = 60_000;

pub(super) fn send_message(
    state: &State,
    by: &Principal,
    send: &SendMessage,
    context: &mut Context<'_>,
) -> Ruling {
    allow(
        by,
        match send.kind {
            MessageKind::User => Operation::SendAsUser,
            MessageKind::Bot => Operation::SendAsBot,
            MessageKind::System => Operation::SendAsSystem,
        },
    )?;
    if send.kind == MessageKind::User && send.if_holder.is_some() {
        return Err(Refusal::field("/ifHolder", "goes with answers of our side only").into());
    }
    let conversation = visible_or_replayed(state, by, send)?;
    let identity = identity(by, send);
    let id = match send.id {
        Some(id) if planted::overlooks(state.claim(id)?, send.conversation_id) => None,
        id => id,
    };
    if let Some(answer) = id.map(|id| replay(state, by, id, identity)).transpose()?.flatten() {
        return Ok((crate::state::Changes::default(), Outcome::Conversation(answer)));
    }
    let conversation = conversation.ok_or(Refusal::NotFound)?;
    match send.kind {
        MessageKind::User => {
            let words = Words {
                id: id.unwrap_or_else(|| MessageId((context.new_id)())),
                text: send.text.clone(),
                metadata: with_option(send.metadata.as_ref(), send.option_id.as_ref()),
                option_id: send.option_id.clone(),
                identity,
            };
            say_as_user(state, &conversation, words, None, context)
        }
        MessageKind::Bot | MessageKind::System => {
            say_as_us(state, by, &conversation, send, (id, identity), context)
        }
    }
}

/// The named conversation; `None` when it is gone or foreign but the message id may still tell that this is a retry.
fn visible_or_replayed(
    state: &State,
    by: &Principal,
    send: &SendMessage,
) -> Result<Option<Arc<Conversation>>, Stop> {
    match visible(state, by, send.conversation_id) {
        Ok(conversation) => Ok(Some(conversation)),
        Err(Stop::Refused(refusal)) if send.id.is_none() => Err(refusal.into()),
        Err(Stop::Refused(_)) => Ok(None),
        Err(missing) => Err(missing),
    }
}

fn identity(by: &Principal, send: &SendMessage) -> Identity {
    let options = send.options.iter().flat_map(|o| [o.id.as_str(), o.text.as_str()]).collect::<Vec<_>>();
    let option = send.option_id.as_ref().map_or("", |o| o.as_str());
    let (named, text) = (Some(send.conversation_id), send.text.as_str());
    identity_of(by, send.kind, named, text, send.metadata.as_ref(), &options, option)
}

/// The caller's data with the quick reply that was clicked, whoever walks the funnel.
pub(super) fn with_option(metadata: Option<&Metadata>, option_id: Option<&OptionId>) -> Option<Metadata> {
    let Some(option_id) = option_id else { return metadata.cloned() };
    let mut metadata = metadata.cloned().unwrap_or_default();
    metadata.set("optionId", option_id.as_str());
    Some(metadata)
}

/// See [`Identity`].
pub(super) fn identity_of(
    by: &Principal,
    kind: MessageKind,
    named: Option<ConversationId>,
    text: &str,
    metadata: Option<&Metadata>,
    options: &[&str],
    option: &str,
) -> Identity {
    // Empty is absent, as it is stored.
    let metadata = metadata.filter(|m| !m.is_empty());
    let metadata =
        metadata.map(|m| serde_json::Value::Object(m.as_map().clone()).to_string()).unwrap_or_default();
    // An agent who became an admin between two tries is still the same author.
    let role = if by.role.is_agent() { Role::Agent } else { by.role };
    let named = named.map(|id| *id.0.as_bytes()).unwrap_or_default();
    let mut parts: Vec<&[u8]> = vec![
        role.as_str().as_bytes(),
        by.sub.as_str().as_bytes(),
        &named,
        kind.as_str().as_bytes(),
        text.as_bytes(),
        metadata.as_bytes(),
        option.as_bytes(),
    ];
    parts.extend(options.iter().map(|o| o.as_bytes()));
    Identity::of(&parts)
}

/// What a user says, parsed, before it has a conversation.
pub(super) struct Words {
    pub(super) id: MessageId,
    pub(super) text: Text,
    pub(super) metadata: Option<Metadata>,
    pub(super) option_id: Option<OptionId>,
    pub(super) identity: Identity,
}

/// A user writes: into the named conversation, the one that follows it, or a new one (contract, section 7.5).
pub(super) fn say_as_user(
    state: &State,
    named: &Arc<Conversation>,
    words: Words,
    profile: Option<User>,
    context: &mut Context<'_>,
) -> Ruling {
    state.require(where_it_may_go(named))?;
    let target = if named.is_open() { named.clone() } else { state.newest_in_chain(named)? };
    let target = if target.is_open() {
        target
    } else {
        // At most one is open per funnel: a conversation started since is where this belongs.
        state.open(&target.user_id, &target.funnel_id)?.cloned().unwrap_or(target)
    };
    if target.is_open() || lifecycle::reopens(&target, state.policies().of(&target), context.now) {
        let mut draft = Draft::new((*target).clone(), context.now, None);
        if !target.is_open() {
            draft.reopen(context);
        }
        // Whoever put it off did not know that the user would write.
        draft.snooze(None);
        return say_and_answer(state, draft, words, profile, context);
    }
    super::start::follow(state, &target, words, profile, context)
}

/// The rows that say where a user's message to `named` lands, and what the bot answers there.
fn where_it_may_go(named: &Conversation) -> Keys {
    let mut keys = Keys::default();
    if !named.is_open() {
        keys.chains.insert(named.root_id.unwrap_or(named.id));
        keys.open.insert((named.user_id.clone(), named.funnel_id.clone()));
        keys.funnels.insert(named.funnel_id.clone());
    }
    if named.handler == Handler::Bot && named.funnel_version > 0 {
        keys.funnel_versions.insert((named.funnel_id.clone(), named.funnel_version));
    }
    keys
}

/// Appends a user's words and lets the bot answer them.
pub(super) fn say_and_answer(
    state: &State,
    mut draft: Draft,
    words: Words,
    profile: Option<User>,
    context: &mut Context<'_>,
) -> Ruling {
    let stored = state.user(&draft.conversation.user_id)?;
    let user = profile
        .or_else(|| stored.map(|u| (**u).clone()))
        .unwrap_or_else(|| User::new(draft.conversation.user_id.clone()));
    let (user, touched) = seen(user, stored.map(|u| &**u), context);
    let option_id = words.option_id;
    let said = draft.say(Said {
        id: words.id,
        kind: MessageKind::User,
        author: Author::User { name: user.name.clone() },
        text: words.text,
        metadata: words.metadata,
        options: Vec::new(),
        system: None,
        identity: words.identity,
        at: context.now,
    });
    let c = &draft.conversation;
    // Version 0: the host walks its own funnel and answers through the `service` role.
    if c.handler == Handler::Bot && c.funnel_version > 0 {
        let funnel = state.funnel_version(&c.funnel_id, c.funnel_version)?.cloned();
        if let Some(funnel) = funnel {
            draft.answer(&funnel, said, option_id.as_ref(), context);
        }
    }
    draft.finish(state, Some(said), touched.then_some(user))
}

/// The user, seen now; and whether that is worth a write.
fn seen(mut user: User, stored: Option<&User>, context: &Context<'_>) -> (User, bool) {
    let stale = user.last_seen_at.is_none_or(|at| context.now.since_ms(at).abs() >= SEEN_EVERY_MS);
    if stale {
        user.last_seen_at = Some(context.now);
    }
    let touched = stored != Some(&user);
    (user, touched)
}

/// An agent, a host's bot, or a hand-written system line.
fn say_as_us(
    state: &State,
    by: &Principal,
    conversation: &Arc<Conversation>,
    send: &SendMessage,
    (id, identity): (Option<MessageId>, Identity),
    context: &mut Context<'_>,
) -> Ruling {
    let agent = by.agent();
    if let Some(holder) = &send.if_holder {
        expect_holder(conversation, holder)?;
    }
    let mut draft = Draft::new((**conversation).clone(), context.now, agent.as_ref());
    let answers = send.kind == MessageKind::Bot;
    if !conversation.is_open() {
        let reopens = match (agent.is_some() && answers, send.reopen) {
            (_, Some(reopen)) => reopen,
            (true, None) if conversation.is_archived() => false,
            (true, None) => true,
            (false, None) => false,
        };
        // A hand-written line is no activity: it may stand below the end without reopening.
        let line_below = send.kind == MessageKind::System && send.reopen.is_none();
        if !reopens && !line_below {
            return Err(over(conversation).into());
        }
        if reopens {
            draft.reopen(context);
        }
    }
    let mut news = None;
    if let (Some(agent), true) = (&agent, answers && conversation.handler != Handler::Agent) {
        draft.assign(agent.clone(), context);
        news = learned(state, agent)?;
    }
    let author = match (send.kind, agent) {
        (MessageKind::System, agent) => Author::System(agent),
        (_, Some(agent)) => Author::Agent(agent),
        (_, None) => Author::Bot,
    };
    let said = draft.say(Said {
        id: id.unwrap_or_else(|| MessageId((context.new_id)())),
        kind: send.kind,
        author,
        text: send.text.clone(),
        metadata: with_option(send.metadata.as_ref(), send.option_id.as_ref()),
        options: send.options.clone(),
        system: None,
        identity,
        at: context.now,
    });
    let (mut changes, outcome) = draft.finish(state, Some(said), None)?;
    changes.agent = news;
    Ok((changes, outcome))
}

/// `ifHolder` (contract, section 4).
fn expect_holder(conversation: &Conversation, expected: &Holder) -> Result<(), Refusal> {
    let holds = match (expected, conversation.handler, &conversation.assignee) {
        (Holder::Bot, Handler::Bot, _) | (Holder::Queue, Handler::Queue, _) => true,
        (Holder::Agent(id), Handler::Agent, Some(agent)) => agent.id == *id,
        _ => false,
    };
    if holds { Ok(()) } else { Err(held(conversation)) }
}

/// Who holds it instead.
pub(super) fn held(conversation: &Conversation) -> Refusal {
    Refusal::HeldByAnother { handler: conversation.handler, holder: conversation.assignee.clone() }
}
