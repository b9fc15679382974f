//! The scripted bot: its shape as its author writes it, and as it is checked.

mod answer;
mod check;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{BlockId, FunnelId, OptionId};
use crate::text::{Name, Text};

/// A funnel by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelRef {
    /// The host's id.
    pub id: FunnelId,
    /// What agents call it.
    pub name: Name,
    /// Its current version.
    pub version: u32,
}

/// A funnel as its author writes it (contract, section 8), not yet checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FunnelSource {
    /// The host's id.
    pub id: String,
    /// What agents call it.
    pub name: String,
    /// Where everybody enters.
    pub start_block_id: String,
    /// Groups of blocks, for statistics and for people.
    #[serde(default)]
    pub stages: Vec<StageSource>,
    /// The blocks by id.
    pub blocks: BTreeMap<String, BlockSource>,
    /// What the bot says when it did not understand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
}

/// A group of blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StageSource {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub explanation: String,
    /// Its blocks.
    pub block_ids: Vec<String>,
}

/// One thing the bot says, and the ways on from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockSource {
    /// Its id, the same as its key.
    pub id: String,
    /// What the bot says.
    pub message: String,
    /// The ways on.
    #[serde(default)]
    pub options: Vec<OptionSource>,
    /// A person takes over here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<bool>,
    /// The conversation closes here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close: Option<bool>,
    /// What the user's next text is kept as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect: Option<String>,
    /// Milliseconds to wait before speaking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u32>,
    /// When this block applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Value>,
}

/// A way on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OptionSource {
    /// Its id; its number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the button says.
    pub text: String,
    /// Where it leads; `null` ends the path here.
    pub next_block_id: Option<String>,
}

/// A funnel whose graph holds. Versions never change once stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// The host's id.
    pub id: FunnelId,
    /// What agents call it.
    pub name: Name,
    /// 1, 2, 3 …; 0 before it is stored.
    pub version: u32,
    /// Where everybody enters.
    pub start_block_id: BlockId,
    /// The blocks by id.
    pub blocks: BTreeMap<BlockId, Block>,
    /// What the bot says when it did not understand, when the author said so.
    pub fallback: Option<Text>,
    /// As its author wrote it, for `get_funnel` and the store.
    pub source: FunnelSource,
}

/// A checked block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Its id.
    pub id: BlockId,
    /// What the bot says.
    pub message: Text,
    /// The ways on.
    pub options: Vec<BlockOption>,
    /// A person takes over here.
    pub handoff: bool,
    /// The conversation closes here.
    pub close: bool,
    /// The stage it belongs to.
    pub stage_id: Option<String>,
}

/// A checked way on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockOption {
    /// Its id.
    pub id: OptionId,
    /// What the button says.
    pub text: Name,
    /// Where it leads.
    pub next_block_id: Option<BlockId>,
}

const FALLBACK: &str = "Sorry, I did not understand that.";
const FALLBACK_WITH_OPTIONS: &str = "Sorry, I did not understand that. Please choose one of the options.";

impl FunnelSource {
    /// What a visitor may see before anything is created: the first words and their quick replies. Where they lead,
    /// conditions and later offers are the host's business.
    #[must_use]
    pub fn greeting(&self) -> Self {
        let start = self.blocks.get(&self.start_block_id).map(|block| {
            let option = |(i, o): (usize, &OptionSource)| OptionSource {
                id: Some(o.id.clone().unwrap_or_else(|| (i + 1).to_string())),
                text: o.text.clone(),
                next_block_id: None,
            };
            BlockSource {
                id: block.id.clone(),
                message: block.message.clone(),
                options: block.options.iter().enumerate().map(option).collect(),
                handoff: None,
                close: None,
                collect: None,
                delay_ms: None,
                condition: None,
            }
        });
        Self {
            id: self.id.clone(),
            name: self.name.clone(),
            start_block_id: self.start_block_id.clone(),
            stages: Vec::new(),
            blocks: start.into_iter().map(|block| (block.id.clone(), block)).collect(),
            fallback: None,
        }
    }
}

impl Funnel {
    /// The block everybody enters at.
    #[must_use]
    pub fn start(&self) -> &Block {
        self.blocks.get(&self.start_block_id).expect("parse() checks that the start block exists")
    }

    /// What the bot says when it did not understand.
    #[must_use]
    pub fn fallback(&self, has_options: bool) -> Text {
        self.fallback.clone().unwrap_or_else(|| {
            Text::parse(if has_options { FALLBACK_WITH_OPTIONS } else { FALLBACK }).expect("a short constant")
        })
    }
}
