//! The workspace of `--demo`: a small shop's funnel and conversations as they would be on a Tuesday, stored through the
//! same commands as real ones. Storing them again changes nothing.

use std::io::Cursor;

use parlor_core::access::{Principal, Role};
use parlor_core::command::{Action, Command};
use parlor_core::funnel::{Funnel, FunnelSource};
use parlor_core::id::AgentId;
use parlor_core::time::Timestamp;
use serde_json::{Map, Value, json};

use crate::ambient::Ambient;
use crate::service::setup::{DEMO_WORKSPACE, ensure_workspace};
use crate::service::transfer::import_conversations;
use crate::store::Store;
use crate::writer::Writer;

const FUNNEL: &str = include_str!("../../demo/funnel.json");
const CONVERSATIONS: &str = include_str!("../../demo/conversations.json");
const MINUTE_MS: i64 = 60_000;

/// Why the demo could not be filled; for the log and the command line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DemoError(String);

fn failed(what: &str) -> impl FnOnce(String) -> DemoError + '_ {
    move |why| DemoError(format!("{what}: {why}"))
}

/// Makes the workspace and what is in it, where it is not there yet.
pub async fn fill(store: &dyn Store, writer: &Writer, ambient: &dyn Ambient) -> Result<(), DemoError> {
    let workspace = ensure_workspace(store, ambient, DEMO_WORKSPACE).await;
    let workspace = workspace.map_err(|e| failed("its workspace")(e.to_string()))?.key;
    let sub = AgentId::parse("demo").ok_or_else(|| failed("its admin")("bad id".to_owned()))?;
    let by = Principal { workspace, role: Role::Admin, sub, name: None, email: None };
    let source: FunnelSource =
        serde_json::from_str(FUNNEL).map_err(|e| failed("its funnel")(e.to_string()))?;
    let funnel = Funnel::parse(source).map_err(|e| failed("its funnel")(format!("{e:?}")))?;
    let put = Command { by: by.clone(), action: Action::PutFunnel(Box::new(funnel)) };
    writer.run_background(put).await.map_err(|e| failed("its funnel")(format!("{e:?}")))?;
    let lines = lines(ambient.now()).map_err(|e| failed("its conversations")(e.to_string()))?;
    let stored = import_conversations(writer, ambient, &by, Cursor::new(lines), |_| {}).await;
    let tally = stored.map_err(|e| failed("its conversations")(e.to_string()))?;
    match tally.refused.first() {
        Some((number, why)) => Err(DemoError(format!("conversation {number}: {why}"))),
        None => Ok(()),
    }
}

/// The conversations as lines of an import. They are written in minutes before now, so that they are always recent.
fn lines(now: Timestamp) -> serde_json::Result<String> {
    let conversations: Vec<Map<String, Value>> = serde_json::from_str(CONVERSATIONS)?;
    let mut lines = String::new();
    for (mut conversation, number) in conversations.into_iter().zip(1..) {
        let messages = conversation.get_mut("messages").and_then(Value::as_array_mut);
        let mut first = None;
        let mut last = None;
        for message in messages.into_iter().flatten().filter_map(Value::as_object_mut) {
            let minutes = message.remove("minutesAgo").and_then(|ago| ago.as_i64()).unwrap_or_default();
            let at = now.plus_ms(-minutes * MINUTE_MS).to_string();
            message.insert("timestamp".to_owned(), at.clone().into());
            first.get_or_insert(at.clone());
            last = Some(at);
        }
        conversation.insert("externalId".to_owned(), format!("demo-{number}").into());
        conversation.insert("funnelId".to_owned(), "demo".into());
        conversation.insert("funnelName".to_owned(), "Corner shop".into());
        conversation.insert("startedAt".to_owned(), json!(first));
        if conversation.get("status").is_some_and(|status| status == "closed") {
            conversation.insert("closedAt".to_owned(), json!(last));
        }
        lines.push_str(&serde_json::to_string(&conversation)?);
        lines.push('\n');
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_funnel_holds_and_is_small_and_varied() {
        let source: FunnelSource = serde_json::from_str(FUNNEL).unwrap();
        let funnel = Funnel::parse(source).unwrap();
        assert!((6..=10).contains(&funnel.blocks.len()));
        assert!(funnel.blocks.values().any(|block| block.handoff));
        assert!(funnel.blocks.values().any(|block| block.close));
        assert!(funnel.start().options.len() >= 3);
    }

    #[test]
    fn the_demos_conversations_fill_an_inbox() {
        let lines = lines(Timestamp(1_800_000_000_000)).unwrap();
        assert!((20..=30).contains(&lines.lines().count()));
        for line in lines.lines() {
            let conversation: Map<String, Value> = serde_json::from_str(line).unwrap();
            assert!(conversation["messages"].as_array().is_some_and(|all| all.len() > 1), "{line}");
            assert!(conversation["startedAt"].is_string(), "{line}");
        }
    }
}
