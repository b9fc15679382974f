//! What `--demo` shows: a small funnel, and conversations as a shop might have them.

use parlor_core::access::{Principal, Role};
use parlor_core::agent::AgentRef;
use parlor_core::command::{Action, Command, ImportConversation, ImportMessage, ImportNote};
use parlor_core::conversation::{CloseReason, Handler, Status};
use parlor_core::funnel::{Funnel, FunnelSource};
use parlor_core::id::{AgentId, ExternalId, UserId, WorkspaceKey};
use parlor_core::message::{Author, MessageKind};
use parlor_core::text::{Email, Label, Name, Text};
use parlor_core::time::Timestamp;
use parlor_core::user::UserFields;
use serde::Deserialize;

use crate::ambient::Ambient;
use crate::writer::{WriteError, Writer};

const FUNNEL: &str = include_str!("demo/funnel.json");
const CONVERSATIONS: &str = include_str!("demo/conversations.json");
/// Between two messages of a demo conversation.
const PAUSE_MS: i64 = 25_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    name: String,
    minutes_ago: i64,
    status: String,
    handler: String,
    labels: Vec<String>,
    messages: Vec<Said>,
    #[serde(default)]
    notes: Vec<Noted>,
    assignee: Option<String>,
    #[serde(default)]
    is_unread: bool,
    close_reason: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    by: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Noted {
    by: String,
    after_seq: u32,
    text: String,
}

/// Why the demo could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The files in the binary; a defect that the tests catch.
    #[error("the demo's own content is broken: {0}")]
    Content(String),
    /// The database.
    #[error("the demo cannot be stored: {0:?}")]
    Write(WriteError),
}

/// Stores the funnel and the conversations. What is there already stays, so every start may call it.
pub async fn seed(writer: &Writer, ambient: &dyn Ambient, workspace: WorkspaceKey) -> Result<(), DemoError> {
    let sub = AgentId::parse("demo").ok_or_else(|| DemoError::Content("sub".to_owned()))?;
    let by = Principal { workspace, role: Role::Admin, sub, name: None, email: None };
    let funnel = Action::PutFunnel(Box::new(funnel()?));
    let conversations = conversations(ambient.now())?;
    let imports = conversations.into_iter().map(|c| Action::ImportConversation(Box::new(c)));
    for action in std::iter::once(funnel).chain(imports) {
        writer.run_background(Command { by: by.clone(), action }).await.map_err(DemoError::Write)?;
    }
    Ok(())
}

/// The demo's funnel.
pub fn funnel() -> Result<Funnel, DemoError> {
    let source: FunnelSource = serde_json::from_str(FUNNEL).map_err(|e| DemoError::Content(e.to_string()))?;
    Funnel::parse(source).map_err(|errors| DemoError::Content(format!("{errors:?}")))
}

fn conversations(now: Timestamp) -> Result<Vec<ImportConversation>, DemoError> {
    let lines: Vec<Line> =
        serde_json::from_str(CONVERSATIONS).map_err(|e| DemoError::Content(e.to_string()))?;
    let funnel = funnel()?;
    lines
        .into_iter()
        .map(|line| {
            let name = line.name.clone();
            conversation(line, &funnel, now).ok_or(DemoError::Content(name))
        })
        .collect()
}

/// `None` when a field does not hold.
fn conversation(line: Line, funnel: &Funnel, now: Timestamp) -> Option<ImportConversation> {
    let slug = line.name.to_lowercase().replace(' ', "-");
    let name = Name::parse(&line.name).ok()?;
    let agent = |name: &str| {
        Some(AgentRef { id: AgentId::parse(&name.to_lowercase())?, name: Name::parse(name).ok()? })
    };
    let assignee = line.assignee.as_deref().and_then(agent);
    let status = Status::parse(&line.status)?;
    let count = i64::try_from(line.messages.len()).ok()?;
    let ended_at = now.plus_ms(-line.minutes_ago * 60_000);
    let started_at = ended_at.plus_ms(-PAUSE_MS * count);
    let messages = (1..).zip(&line.messages).map(|(i, said)| {
        let (kind, author) = match said.by.as_str() {
            "user" => (MessageKind::User, Author::User { name: name.clone() }),
            "agent" => (MessageKind::Bot, Author::Agent(assignee.clone()?)),
            _ => (MessageKind::Bot, Author::Bot),
        };
        let (text, at) = (Text::parse(&said.text).ok()?, started_at.plus_ms(PAUSE_MS * i));
        Some(ImportMessage {
            id: None,
            kind,
            author,
            text,
            at,
            metadata: None,
            options: Vec::new(),
            system: None,
        })
    });
    let notes = line.notes.iter().map(|note| {
        let at = started_at.plus_ms(PAUSE_MS * i64::from(note.after_seq) + PAUSE_MS / 2);
        let (author, text) = (agent(&note.by)?, Text::parse(&note.text).ok()?);
        Some(ImportNote { id: None, after_seq: note.after_seq, author, text, at })
    });
    let read = u32::try_from(line.messages.len()).ok()?;
    Some(ImportConversation {
        id: None,
        external_id: ExternalId::parse(&format!("demo-{slug}")),
        user_id: UserId::parse(&format!("demo-{slug}"))?,
        user: UserFields {
            name: Some(name.clone()),
            email: line.email.as_deref().and_then(|e| Email::parse(e).ok()),
            ..UserFields::default()
        },
        funnel_id: funnel.id.clone(),
        funnel_name: funnel.name.clone(),
        status,
        handler: Handler::parse(&line.handler)?,
        started_at,
        closed_at: Some(ended_at),
        close_reason: line.close_reason.as_deref().and_then(CloseReason::parse),
        archived_at: None,
        labels: line.labels.iter().map(|l| Label::parse(l).ok()).collect::<Option<_>>()?,
        locale: None,
        hold: false,
        snoozed_until: None,
        previous_id: None,
        metadata: None,
        user_last_read_seq: read,
        agent_last_read_seq: if line.is_unread { read.saturating_sub(1) } else { read },
        messages: messages.collect::<Option<_>>()?,
        notes: notes.collect::<Option<_>>()?,
        assignee,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_content_holds() {
        assert_eq!(funnel().expect("a funnel that holds").blocks.len(), 9);
        let all = conversations(Timestamp(1_800_000_000_000)).expect("conversations that hold");
        assert!(all.len() >= 18);
        assert!(all.iter().any(|c| !c.notes.is_empty()));
        assert!(all.iter().all(|c| c.messages.is_sorted_by_key(|m| m.at)
            && (c.status == Status::Open || c.close_reason.is_some())));
    }
}
