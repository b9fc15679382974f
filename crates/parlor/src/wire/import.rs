//! A line of an import: a conversation as `parlor export` writes it, or only what another product knows of one.
//!
//! Everything but `messages` may be absent. Fields that follow from others (`messageCount`, `unreadCount`, `isRead` …)
//! are ignored, as is what we do not know: history is not refused for a field too many.

use parlor_core::agent::AgentRef;
use parlor_core::command::{ImportConversation, ImportMessage, ImportNote};
use parlor_core::conversation::Status;
use parlor_core::error::FieldError;
use parlor_core::id::{AgentId, ConversationId, ExternalId, FunnelId, MessageId, NoteId, OptionId, UserId};
use parlor_core::limits;
use parlor_core::message::{Author, Identity, MessageKind, MessageOption, SystemLine};
use parlor_core::text::{Email, Label, Metadata, Name, Tag, Text, Url};
use parlor_core::time::Timestamp;
use parlor_core::user::{User, UserFields};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::conversation::ConversationView;
use super::note::NoteView;
use super::parse::Check;
use super::problem::Problem;
use super::scalar::{AuthorKind, CloseReason, ConversationStatus, Handler, MessageType};

const ID: &str = "must be an id of 1 to 128 bytes without control characters";
const SLUG: &str = "must be an id of 1 to 64 bytes without control characters";
const TIME: &str = "must be a time like 2026-01-31T12:00:00Z";

/// See the module.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportLine {
    id: Option<String>,
    external_id: Option<String>,
    user_id: Option<String>,
    user: Option<UserLine>,
    #[serde(alias = "funnel")]
    funnel_id: Option<String>,
    funnel_name: Option<String>,
    status: Option<ConversationStatus>,
    handler: Option<Handler>,
    assignee: Option<PersonLine>,
    started_at: Option<String>,
    closed_at: Option<String>,
    close_reason: Option<CloseReason>,
    archived_at: Option<String>,
    snoozed_until: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    locale: Option<String>,
    #[serde(default)]
    hold: bool,
    previous_id: Option<String>,
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    user_last_read_seq: u32,
    #[serde(default)]
    agent_last_read_seq: u32,
    messages: Vec<MessageLine>,
    #[serde(default)]
    notes: Vec<NoteLine>,
}

/// Whether a line is the first one of a user's export: who they are stands with each of their conversations too.
#[must_use]
pub fn is_profile(line: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Profile {
        #[allow(dead_code, reason = "whether it is there is all that is asked")]
        user: UserLine,
    }
    serde_json::from_slice::<Profile>(line).is_ok()
}

/// A line of an export: a conversation as agents see it, and its private notes.
#[derive(Debug, Serialize)]
pub struct ExportLine {
    /// The conversation with every message.
    #[serde(flatten)]
    pub conversation: ConversationView,
    /// Its notes, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<NoteView>,
}

/// What became of the lines of an import.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportTally {
    /// Conversations stored.
    pub conversations: u64,
    /// Their messages.
    pub messages: u64,
    /// Lines whose conversation was there already.
    pub known: u64,
    /// Lines that could not be taken, the first 20 of them.
    pub refused: Vec<RefusedLine>,
    /// How many in all.
    pub refused_in_all: u64,
}

/// A line that could not be taken.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RefusedLine {
    /// Its number among the request's lines, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub detail: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserLine {
    id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    avatar: Option<String>,
    timezone: Option<String>,
    locale: Option<String>,
    metadata: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
struct PersonLine {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct MessageLine {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: MessageType,
    text: String,
    timestamp: Option<String>,
    author: Option<AuthorLine>,
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    options: Vec<OptionLine>,
    system: Option<SystemLineLine>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NoteLine {
    id: Option<String>,
    #[serde(default)]
    after_seq: u32,
    author: Option<PersonLine>,
    text: String,
    at: Option<String>,
}

#[derive(Debug, Deserialize)]
struct AuthorLine {
    kind: AuthorKind,
    id: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct OptionLine {
    id: String,
    text: String,
}

#[derive(Debug, Deserialize)]
struct SystemLineLine {
    code: String,
    #[serde(default)]
    params: std::collections::BTreeMap<String, String>,
}

impl ImportLine {
    /// Parses every field; all that does not hold is listed. `digest` names a conversation that has no id of its own;
    /// `now` bounds times that the line does not say.
    pub fn parse(self, digest: &str, now: Timestamp) -> Result<ImportConversation, Problem> {
        let mut check = Check::default();
        let built = self.build(&mut check, digest, now);
        check.finish(built)
    }

    fn build(self, check: &mut Check, digest: &str, now: Timestamp) -> Option<ImportConversation> {
        if self.messages.len() > limits::IMPORT_MESSAGES {
            check.error("/messages", "must be at most 100,000 messages");
            return None;
        }
        let ours = self.id.as_deref().and_then(ConversationId::parse);
        let foreign = self.external_id.or(self.id.filter(|_| ours.is_none()));
        let foreign = foreign.or_else(|| ours.is_none().then(|| digest.to_owned()));
        let external_id =
            check.optional("/externalId", foreign.as_deref().map(|id| ExternalId::parse(id).ok_or(ID)));
        let name = external_id
            .as_ref()
            .map_or_else(|| ours.map_or_else(String::new, |id| id.to_string()), |id| id.to_string());
        let (user_id, user) = who(check, self.user_id, self.user, &name)?;
        let funnel = self.funnel_id.unwrap_or_else(|| "import".to_owned());
        let funnel_id = check.take("/funnelId", FunnelId::parse(&funnel).ok_or(SLUG));
        let funnel_name =
            check.take("/funnelName", Name::parse(self.funnel_name.as_deref().unwrap_or(&funnel)));
        let last_known = time(check, "/startedAt", self.started_at.as_deref());
        let began = last_known.unwrap_or_else(|| plausible_start(&name, self.messages.len(), now));
        let messages = messages(check, self.messages, began, user.name.as_ref());
        let notes = notes(check, self.notes, began);
        let status = self.status.map_or(Status::Open, Into::into);
        let assignee =
            self.assignee.and_then(|p| person(check, "/assignee", p.id.as_deref(), p.name.as_deref()));
        let labels = self
            .labels
            .iter()
            .enumerate()
            .filter_map(|(i, l)| check.take(&format!("/labels/{i}"), Label::parse(l)));
        let labels: Vec<Label> = labels.collect();
        if labels.len() > limits::LABELS {
            check.error("/labels", "must be at most 20 labels");
        }
        Some(ImportConversation {
            id: ours,
            external_id,
            user_id,
            user,
            funnel_id: funnel_id?,
            funnel_name: funnel_name?,
            status,
            handler: self.handler.map_or(parlor_core::conversation::Handler::Queue, Into::into),
            assignee,
            started_at: began,
            closed_at: time(check, "/closedAt", self.closed_at.as_deref()),
            close_reason: self.close_reason.map(Into::into),
            archived_at: time(check, "/archivedAt", self.archived_at.as_deref()),
            labels,
            locale: check.optional("/locale", self.locale.as_deref().map(Tag::parse)),
            hold: self.hold,
            snoozed_until: time(check, "/snoozedUntil", self.snoozed_until.as_deref()),
            previous_id: self.previous_id.as_deref().and_then(ConversationId::parse),
            metadata: check.optional("/metadata", self.metadata.map(Metadata::parse)),
            user_last_read_seq: self.user_last_read_seq,
            agent_last_read_seq: self.agent_last_read_seq,
            messages: messages?,
            notes: notes?,
        })
    }
}

/// The line's user; one who is not named is a visitor of their own.
fn who(
    check: &mut Check,
    user_id: Option<String>,
    user: Option<UserLine>,
    name: &str,
) -> Option<(UserId, UserFields)> {
    let given = user.as_ref().and_then(|u| u.id.clone()).or(user_id);
    let id = given.unwrap_or_else(|| format!("import-{name}"));
    let id = check.take("/userId", UserId::parse(&id).ok_or(ID));
    let Some(user) = user else {
        return Some((
            id?,
            UserFields { name: Name::parse(&format!("Visitor {name}")).ok(), ..UserFields::default() },
        ));
    };
    let fields = UserFields {
        name: check.optional("/user/name", user.name.as_deref().map(Name::parse)),
        email: check.optional("/user/email", user.email.as_deref().map(Email::parse)),
        avatar: check.optional("/user/avatar", user.avatar.as_deref().map(Url::parse)),
        timezone: check.optional("/user/timezone", user.timezone.as_deref().map(Tag::parse)),
        locale: check.optional("/user/locale", user.locale.as_deref().map(Tag::parse)),
        metadata: check.optional("/user/metadata", user.metadata.map(Metadata::parse)),
    };
    Some((id?, fields))
}

fn time(check: &mut Check, pointer: &str, text: Option<&str>) -> Option<Timestamp> {
    check.optional(pointer, text.map(|text| Timestamp::parse(text).ok_or(TIME)))
}

fn person(check: &mut Check, pointer: &str, id: Option<&str>, name: Option<&str>) -> Option<AgentRef> {
    let id =
        check.take(&format!("{pointer}/id"), AgentId::parse(id.or(name).unwrap_or("agent")).ok_or(ID))?;
    let name = check.take(&format!("{pointer}/name"), Name::parse(name.unwrap_or(id.as_str())))?;
    Some(AgentRef { id, name })
}

fn messages(
    check: &mut Check,
    lines: Vec<MessageLine>,
    began: Timestamp,
    user: Option<&Name>,
) -> Option<Vec<ImportMessage>> {
    let mut at = began;
    let mut all = Vec::with_capacity(lines.len());
    for (i, line) in lines.into_iter().enumerate() {
        let pointer = format!("/messages/{i}");
        at = match time(check, &format!("{pointer}/timestamp"), line.timestamp.as_deref()) {
            Some(said) => said,
            None if i == 0 => at,
            None => at.plus_ms(typing_ms(&line.text)),
        };
        all.push(message(check, &pointer, line, at, user)?);
    }
    Some(all)
}

fn message(
    check: &mut Check,
    at: &str,
    line: MessageLine,
    when: Timestamp,
    user: Option<&Name>,
) -> Option<ImportMessage> {
    let text = check.take(&format!("{at}/text"), Text::parse(&line.text));
    let kind: MessageKind = line.kind.into();
    let options = options(check, &format!("{at}/options"), &line.options);
    let said = line.author.as_ref();
    let agent =
        said.filter(|a| a.id.is_some()).and_then(|a| person(check, at, a.id.as_deref(), a.name.as_deref()));
    let author = match (kind, said.map(|a| a.kind)) {
        (MessageKind::User, _) => {
            let named = said.and_then(|a| a.name.as_deref()).and_then(|n| Name::parse(n).ok());
            Author::User { name: named.or_else(|| user.cloned()).unwrap_or_else(User::unnamed) }
        }
        (MessageKind::Bot, Some(AuthorKind::Agent)) => agent.map_or(Author::Bot, Author::Agent),
        (MessageKind::Bot, _) => Author::Bot,
        (MessageKind::System, _) => Author::System(agent),
    };
    Some(ImportMessage {
        id: line.id.as_deref().and_then(MessageId::parse),
        kind,
        author,
        text: text?,
        at: when,
        metadata: check.optional(&format!("{at}/metadata"), line.metadata.map(Metadata::parse)),
        options: options?,
        system: line
            .system
            .and_then(|s| SystemLine::parse(&s.code, s.params.values().next().map(String::as_str))),
    })
}

fn notes(check: &mut Check, lines: Vec<NoteLine>, began: Timestamp) -> Option<Vec<ImportNote>> {
    if lines.len() > limits::NOTES {
        check.error("/notes", "must be at most 500 notes");
        return None;
    }
    let mut all = Vec::with_capacity(lines.len());
    for (i, line) in lines.into_iter().enumerate() {
        let pointer = format!("/notes/{i}");
        let (id, name) = line.author.map_or((None, None), |author| (author.id, author.name));
        let author = person(check, &format!("{pointer}/author"), id.as_deref(), name.as_deref());
        let text = check.take(&format!("{pointer}/text"), Text::parse(&line.text));
        let at = time(check, &format!("{pointer}/at"), line.at.as_deref()).unwrap_or(began);
        let id = line.id.as_deref().and_then(NoteId::parse);
        all.push(ImportNote { id, after_seq: line.after_seq, author: author?, text: text?, at });
    }
    Some(all)
}

fn options(check: &mut Check, at: &str, lines: &[OptionLine]) -> Option<Vec<MessageOption>> {
    if lines.len() > limits::OPTIONS {
        check.error(at, "must be at most 20 options");
        return None;
    }
    let mut options: Vec<MessageOption> = Vec::with_capacity(lines.len());
    for line in lines {
        let id = check.take(at, OptionId::parse(&line.id).ok_or(SLUG))?;
        if options.iter().any(|known| known.id == id) {
            check.error(at, "must not have the same id twice");
            return None;
        }
        options.push(MessageOption { id, text: check.take(at, Name::parse(&line.text))? });
    }
    Some(options)
}

const SPREAD_MS: i64 = 30 * 24 * 3600 * 1000;
const LONGEST_PAUSE_MS: i64 = 60_000;

/// A start within the last 30 days that is the same for the same name, early enough for the whole thread to be past.
fn plausible_start(name: &str, messages: usize, now: Timestamp) -> Timestamp {
    let Identity(hash) = Identity::of(&[b"start", name.as_bytes()]);
    let back = i64::from(u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]])) * 1000 % SPREAD_MS;
    let thread = LONGEST_PAUSE_MS.saturating_mul(i64::try_from(messages).unwrap_or(i64::MAX));
    now.plus_ms(-(back.saturating_add(thread)))
}

/// How long somebody takes to read and type: 5 s and 60 ms a character, at most a minute.
fn typing_ms(text: &str) -> i64 {
    (5_000 + 60 * i64::try_from(text.len()).unwrap_or(LONGEST_PAUSE_MS)).min(LONGEST_PAUSE_MS)
}

/// What is wrong with a line, for people: the first field and how many more.
#[must_use]
pub fn say(errors: &[FieldError]) -> String {
    match errors {
        [] => "it is not a conversation".to_owned(),
        [one] => format!("{} {}", one.pointer, one.detail),
        [first, rest @ ..] => format!("{} {} (and {} more)", first.pointer, first.detail, rest.len()),
    }
}
