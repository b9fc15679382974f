//! Funnels: core's `FunnelSource` is the shape on the wire; here it is described for the API's document.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;

/// The scripted bot.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Funnel {
    /// The host's id.
    pub id: String,
    /// What agents call it.
    pub name: String,
    /// Where everybody enters.
    pub start_block_id: String,
    /// Groups of blocks.
    #[schema(required = false)]
    pub stages: Vec<FunnelStage>,
    /// The blocks by id, at most 500.
    pub blocks: BTreeMap<String, FunnelBlock>,
    /// What the bot says when it did not understand.
    pub fallback: Option<String>,
}

/// A group of blocks.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct FunnelStage {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[schema(required = false)]
    pub explanation: String,
    /// Its blocks.
    pub block_ids: Vec<String>,
}

/// One thing the bot says, and the ways on from it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct FunnelBlock {
    /// Its id, the same as its key.
    pub id: String,
    /// What the bot says.
    pub message: String,
    /// The ways on, at most 20.
    #[schema(required = false)]
    pub options: Vec<FunnelOption>,
    /// A person takes over here.
    pub handoff: Option<bool>,
    /// The conversation closes here.
    pub close: Option<bool>,
    /// What the user's next text is kept as: `email`, `phone`, `name` or a variable.
    pub collect: Option<String>,
    /// Milliseconds to wait before speaking.
    pub delay_ms: Option<u32>,
    /// When this block applies.
    pub condition: Option<Value>,
}

/// A way on.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct FunnelOption {
    /// Its id; its number when absent.
    pub id: Option<String>,
    /// What the button says.
    pub text: String,
    /// Where it leads; `null` ends the path here.
    pub next_block_id: Option<String>,
}
