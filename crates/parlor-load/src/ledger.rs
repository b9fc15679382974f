//! What was acknowledged, against what is stored: the judge of the benchmark.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, ensure};
use serde::Deserialize;
use uuid::Uuid;

use crate::http::{Api, Connection};

/// Messages read at once.
const PAGE: usize = 200;

/// Every message a conversation acknowledged.
#[derive(Debug, Default)]
pub struct Ledger {
    acknowledged: HashMap<Uuid, Vec<Uuid>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    messages: Vec<Stored>,
    has_more: bool,
}

#[derive(Debug, Deserialize)]
struct Stored {
    id: Uuid,
    seq: u32,
    #[serde(rename = "type")]
    kind: String,
}

impl Ledger {
    /// The server answered that `message` is stored.
    pub fn acknowledge(&mut self, conversation: Uuid, message: Uuid) {
        self.acknowledged.entry(conversation).or_default().push(message);
    }

    /// Reads every conversation back. An error names the first message that is lost, doubled, not ours, or a hole in
    /// the numbering.
    pub async fn verify(&self, api: &Api, connection: &mut Connection) -> anyhow::Result<()> {
        for (conversation, acknowledged) in &self.acknowledged {
            let stored = read(api, connection, *conversation).await?;
            judge(acknowledged, &stored).with_context(|| format!("conversation {conversation}"))?;
        }
        Ok(())
    }
}

async fn read(api: &Api, connection: &mut Connection, conversation: Uuid) -> anyhow::Result<Vec<Stored>> {
    let mut stored: Vec<Stored> = Vec::new();
    loop {
        let after = stored.last().map_or(0, |m| m.seq);
        let path = format!("/conversations/{conversation}/messages?limit={PAGE}&after={after}");
        let answer = connection.call(&api.request("GET", &path, None)).await?.expect(200)?;
        let page: Page = serde_json::from_slice(answer)?;
        let more = page.has_more && !page.messages.is_empty();
        stored.extend(page.messages);
        if !more {
            return Ok(stored);
        }
    }
}

fn judge(acknowledged: &[Uuid], stored: &[Stored]) -> anyhow::Result<()> {
    let mut once = HashSet::with_capacity(stored.len());
    for (seq, message) in (1..).zip(stored) {
        ensure!(message.seq == seq, "gap: {} where {seq} belongs", message.seq);
        ensure!(once.insert(message.id), "doubled: message {}", message.id);
    }
    for id in acknowledged {
        ensure!(once.remove(id), "lost or acknowledged twice: message {id}");
    }
    // What is left was written by the server itself: "an agent joined".
    let ghost = stored.iter().find(|m| m.kind != "system" && once.contains(&m.id));
    ensure!(ghost.is_none(), "ghost: message {ghost:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(ids: &[u128]) -> Vec<Stored> {
        let message = |(seq, id): (u32, &u128)| Stored { id: Uuid::from_u128(*id), seq, kind: "bot".into() };
        (1..).zip(ids).map(message).collect()
    }

    fn verdict(acknowledged: &[u128], stored: &[Stored]) -> String {
        let ids: Vec<Uuid> = acknowledged.iter().map(|id| Uuid::from_u128(*id)).collect();
        match judge(&ids, stored) {
            Ok(()) => "fine".into(),
            Err(error) => error.to_string().split(':').next().unwrap_or_default().into(),
        }
    }

    #[test]
    fn what_is_stored_once_and_in_order_is_fine() {
        assert_eq!(verdict(&[2, 1], &stored(&[1, 2])), "fine");
        let mut with_line = stored(&[1, 2]);
        with_line[0].kind = "system".into();
        assert_eq!(verdict(&[2], &with_line), "fine");
    }

    #[test]
    fn every_breach_is_named() {
        assert_eq!(verdict(&[1, 2], &stored(&[1])), "lost or acknowledged twice");
        assert_eq!(verdict(&[1], &stored(&[1, 1])), "doubled");
        assert_eq!(verdict(&[1], &stored(&[1, 2])), "ghost");
        let mut gap = stored(&[1, 2]);
        gap[1].seq = 3;
        assert_eq!(verdict(&[1, 2], &gap), "gap");
    }
}
