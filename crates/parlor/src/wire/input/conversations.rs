//! `update_conversations`, `start_conversation`, `mark_read`, `set_typing`, `take_conversation`.

use parlor_core::command::{self, Expect, Input, Relabel, UpdateConversation};
use parlor_core::id::{AgentId, ConversationId, FunnelId, MessageId, OptionId, UserId};
use parlor_core::limits;
use parlor_core::text::{Label, Metadata, Tag, Text};
use parlor_core::time::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{PERSON, SLUG, UUID, metadata};
use crate::wire::Problem;
use crate::wire::input::people::user_fields;
use crate::wire::parse::{Check, nullable, present};
use crate::wire::scalar::{ConversationStatus, Handler, MessageMetadata};

/// A change of one conversation, or of up to 100. A field equal to the stored value is no change.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatchConversations {
    /// Which one; this or `conversationIds`.
    #[serde(default, deserialize_with = "present")]
    #[schema(format = Uuid)]
    pub conversation_id: Option<String>,
    /// Which ones, at most 100.
    #[serde(default, deserialize_with = "present")]
    pub conversation_ids: Option<Vec<String>>,
    /// `open` reopens, also from the archive.
    #[serde(default, deserialize_with = "present")]
    pub status: Option<ConversationStatus>,
    /// `true` closes first.
    #[serde(default, deserialize_with = "present")]
    pub is_archived: Option<bool>,
    /// Who answers from now on.
    #[serde(default, deserialize_with = "present")]
    pub handler: Option<Handler>,
    /// The agent to assign; sets `handler` to `agent`.
    #[serde(default, deserialize_with = "present")]
    pub assignee_id: Option<String>,
    /// The labels from now on, at most 20 of 50 characters, whatever is there; others may label at the same time, so to put
    /// on or take off one, name it in `addLabels` or `removeLabels`.
    #[serde(default, deserialize_with = "present")]
    pub labels: Option<Vec<String>>,
    /// Labels to put on beside what is there, at most 20 in the end. Not together with `labels`.
    #[serde(default, deserialize_with = "present")]
    pub add_labels: Option<Vec<String>>,
    /// Labels to take off; one that is not there is no error. Not together with `labels`.
    #[serde(default, deserialize_with = "present")]
    pub remove_labels: Option<Vec<String>>,
    /// No timer runs until then; `null` ends a snooze.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Option<String>>,
    /// Exempt from every timer.
    #[serde(default, deserialize_with = "present")]
    pub hold: Option<bool>,
    /// The host's own data, 4 KiB; `null` clears it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Option<Map<String, Value>>>,
    /// Apply only while the stored row has these values.
    #[serde(default, rename = "if", deserialize_with = "present")]
    pub expect: Option<Condition>,
}

/// What the stored row must be for a change to apply.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PatchCondition)]
pub struct Condition {
    /// Open or closed.
    #[serde(default, deserialize_with = "present")]
    pub status: Option<ConversationStatus>,
    /// Who answers.
    #[serde(default, deserialize_with = "present")]
    pub handler: Option<Handler>,
    /// Who holds it.
    #[serde(default, deserialize_with = "present")]
    pub assignee_id: Option<String>,
}

/// Which conversations a change is about.
#[derive(Debug, Clone)]
pub enum Targets {
    /// One.
    One(ConversationId),
    /// Several, in the caller's order, without doubles.
    Bulk(Vec<ConversationId>),
}

impl PatchConversations {
    /// As a command for each target. `path` names the conversation where the address does.
    pub fn parse(self, path: Option<ConversationId>) -> Result<(Targets, UpdateConversation), Problem> {
        let mut check = Check::default();
        let targets = targets(&mut check, path, self.conversation_id, self.conversation_ids);
        let agent = |id: String| AgentId::parse(&id).ok_or(PERSON);
        let assignee_id = check.optional("/assigneeId", self.assignee_id.map(agent));
        let labels = relabel(&mut check, self.labels, self.add_labels, self.remove_labels);
        let snoozed_until = self.snoozed_until.map(|until| {
            let time = |t: String| Timestamp::parse(&t).ok_or("must be an RFC 3339 time");
            check.optional("/snoozedUntil", until.map(time))
        });
        let metadata: Option<Option<Metadata>> =
            self.metadata.map(|map| check.optional("/metadata", metadata(map)));
        let expect = self.expect.map_or_else(Expect::default, |expect| Expect {
            status: expect.status.map(Into::into),
            handler: expect.handler.map(Into::into),
            assignee_id: check.optional("/if/assigneeId", expect.assignee_id.map(agent)),
        });
        let first = match &targets {
            Some(Targets::One(id)) => Some(*id),
            Some(Targets::Bulk(ids)) => ids.first().copied(),
            None => None,
        };
        let (status, is_archived) = (self.status.map(Into::into), self.is_archived);
        let (handler, hold) = (self.handler.map(Into::into), self.hold);
        let build = |conversation_id| UpdateConversation {
            conversation_id,
            status,
            is_archived,
            handler,
            assignee_id,
            labels,
            snoozed_until,
            hold,
            metadata,
            expect,
        };
        let update = first.map(build);
        check.finish(targets.zip(update))
    }
}

fn targets(
    check: &mut Check,
    path: Option<ConversationId>,
    one: Option<String>,
    many: Option<Vec<String>>,
) -> Option<Targets> {
    if let Some(id) = path {
        if one.is_some() || many.is_some() {
            check.error("", "the address names the conversation; leave it out of the body");
        }
        return Some(Targets::One(id));
    }
    match (one, many) {
        (Some(id), None) => {
            check.take("/conversationId", ConversationId::parse(&id).ok_or(UUID)).map(Targets::One)
        }
        (None, Some(ids)) if ids.is_empty() || ids.len() > limits::BULK => {
            check.error("/conversationIds", "must be 1 to 100 ids");
            None
        }
        (None, Some(ids)) => {
            let mut parsed = Vec::with_capacity(ids.len());
            for (i, id) in ids.iter().enumerate() {
                let id = check.take(&format!("/conversationIds/{i}"), ConversationId::parse(id).ok_or(UUID));
                parsed.extend(id.filter(|id| !parsed.contains(id)));
            }
            Some(Targets::Bulk(parsed))
        }
        _ => {
            check.error("", "must name either conversationId or conversationIds");
            None
        }
    }
}

fn relabel(
    check: &mut Check,
    to: Option<Vec<String>>,
    add: Option<Vec<String>>,
    remove: Option<Vec<String>>,
) -> Option<Relabel> {
    let is_change = add.is_some() || remove.is_some();
    let mut parse = |field, labels: Option<Vec<String>>| labels.map(|all| parse_labels(check, field, &all));
    let (to, add, remove) = (
        parse("/labels", to),
        parse("/addLabels", add).unwrap_or_default(),
        parse("/removeLabels", remove).unwrap_or_default(),
    );
    if to.is_some() && is_change {
        check.error("/labels", "goes with neither addLabels nor removeLabels");
    }
    for (i, label) in remove.iter().enumerate() {
        if add.contains(label) {
            check.error(&format!("/removeLabels/{i}"), "is in addLabels too");
        }
    }
    to.map(Relabel::To).or(is_change.then_some(Relabel::By { add, remove }))
}

fn parse_labels(check: &mut Check, field: &str, labels: &[String]) -> Vec<Label> {
    if labels.len() > limits::LABELS {
        check.error(field, "must be at most 20 labels");
        return Vec::new();
    }
    let parse = |(i, label): (usize, &String)| check.take(&format!("{field}/{i}"), Label::parse(label));
    labels.iter().enumerate().filter_map(parse).collect()
}

/// The user's first click or text.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartConversation {
    /// A UUID chosen by the client: the same start again is answered with the same conversation.
    #[serde(default, deserialize_with = "present")]
    #[schema(format = Uuid)]
    pub id: Option<String>,
    /// A UUID for the first message; follows from `id` when absent.
    #[serde(default, deserialize_with = "present")]
    #[schema(format = Uuid)]
    pub message_id: Option<String>,
    /// The funnel to enter.
    pub funnel_id: String,
    /// Whose it is; a visitor names themselves, or leaves it out.
    #[serde(default, deserialize_with = "present")]
    pub user: Option<StartUser>,
    /// What they said; this, `optionId`, or neither.
    #[serde(default, deserialize_with = "present")]
    pub text: Option<String>,
    /// The quick reply they chose.
    #[serde(default, deserialize_with = "present")]
    pub option_id: Option<String>,
    /// Start another one even while one is open; services only.
    #[serde(default, deserialize_with = "present")]
    pub new: Option<bool>,
    /// The caller's data about the first message, 4 KiB.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<MessageMetadata>)]
    pub metadata: Option<Map<String, Value>>,
    /// The language of the conversation.
    #[serde(default, deserialize_with = "present")]
    pub locale: Option<String>,
}

/// What is known about the user who starts; absent fields stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = StartConversationUser)]
pub struct StartUser {
    /// The host's id; a visitor's own may be left out.
    #[serde(default, deserialize_with = "present")]
    pub id: Option<String>,
    /// What agents see.
    #[serde(default, deserialize_with = "present")]
    pub name: Option<String>,
    /// Their address.
    #[serde(default, deserialize_with = "present")]
    pub email: Option<String>,
    /// A picture's address.
    #[serde(default, deserialize_with = "present")]
    pub avatar: Option<String>,
    /// IANA time zone.
    #[serde(default, deserialize_with = "present")]
    pub timezone: Option<String>,
    /// RFC 5646 language tag.
    #[serde(default, deserialize_with = "present")]
    pub locale: Option<String>,
    /// The host's own data; services only.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Map<String, Value>>,
}

impl StartConversation {
    /// As a command. `own` is the visitor themselves.
    pub fn parse(self, own: Option<UserId>) -> Result<command::StartConversation, Problem> {
        let mut check = Check::default();
        let id = check.optional("/id", self.id.map(|id| ConversationId::parse(&id).ok_or(UUID)));
        let message_id =
            check.optional("/messageId", self.message_id.map(|id| MessageId::parse(&id).ok_or(UUID)));
        let funnel_id = check.take("/funnelId", FunnelId::parse(&self.funnel_id).ok_or(SLUG));
        let user = self.user.unwrap_or_default();
        let named = user.id.as_deref().map(|id| UserId::parse(id).ok_or(PERSON)).or(own.map(Ok));
        let user_id = check.take("/user/id", named.unwrap_or(Err("is missing")));
        let fields = user_fields(
            &mut check,
            "/user",
            [user.name, user.email, user.avatar, user.timezone, user.locale],
            user.metadata,
        );
        let input = match (self.text, self.option_id) {
            (Some(_), Some(_)) => {
                check.error("/optionId", "a message is either text or an option");
                None
            }
            (Some(text), None) => check.take("/text", Text::parse(&text)).map(Input::Text),
            (None, Some(id)) => check.take("/optionId", OptionId::parse(&id).ok_or(SLUG)).map(Input::Option),
            (None, None) => None,
        };
        let metadata = check.optional("/metadata", metadata(self.metadata));
        let locale = check.optional("/locale", self.locale.map(|l| Tag::parse(&l)));
        let new = self.new.unwrap_or(false);
        let build = |(funnel_id, user_id)| command::StartConversation {
            id,
            message_id,
            funnel_id,
            user_id,
            user: fields,
            input,
            new,
            metadata,
            locale,
        };
        check.finish(funnel_id.zip(user_id).map(build))
    }
}

/// A read mark of the caller's side.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkRead {
    /// Read up to here; beyond the end counts as the end.
    pub seq: u32,
    /// Mark unread: the mark may move back. Agents only.
    #[serde(default)]
    pub back: bool,
}

/// Whether the caller is typing.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetTyping {
    /// Gone by itself after 5 s.
    pub is_typing: bool,
}

/// Take a conversation over.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TakeConversation)]
pub struct Take {
    /// Take it from exactly this agent; absent takes only what nobody holds.
    #[serde(default, deserialize_with = "present")]
    pub from: Option<String>,
}

impl Take {
    /// From whom.
    pub fn parse(self) -> Result<Option<AgentId>, Problem> {
        let mut check = Check::default();
        let from = check.optional("/from", self.from.map(|id| AgentId::parse(&id).ok_or(PERSON)));
        check.finish(Some(from))
    }
}
