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

#[cfg(test)]
mod tests {
    use super::*;
    use parlor_core::funnel::{BlockSource, FunnelSource, OptionSource, StageSource};
    use serde::Serialize;
    use serde_json::json;
    use utoipa::PartialSchema;

    /// The fields a value of core's shape is written with, and those the document describes.
    #[track_caller]
    fn same_fields<Described: PartialSchema>(whole: impl Serialize) {
        let written = serde_json::to_value(whole).unwrap();
        let described = serde_json::to_value(Described::schema()).unwrap();
        let fields = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&described["properties"]), fields(&written));
    }

    #[test]
    fn the_document_describes_cores_shapes() {
        let option = json!({"id": "o", "text": "x", "nextBlockId": null});
        let block = json!({"id": "b", "message": "x", "options": [option], "handoff": true, "close": true, "collect": "email",
            "delayMs": 1, "condition": {}});
        let stage = json!({"id": "s", "name": "x", "explanation": "", "blockIds": ["b"]});
        let funnel = json!({"id": "f", "name": "x", "startBlockId": "b", "stages": [stage], "blocks": {"b": block}, "fallback": "x"});
        same_fields::<FunnelOption>(serde_json::from_value::<OptionSource>(option).unwrap());
        same_fields::<FunnelBlock>(serde_json::from_value::<BlockSource>(block).unwrap());
        same_fields::<FunnelStage>(serde_json::from_value::<StageSource>(stage).unwrap());
        same_fields::<Funnel>(serde_json::from_value::<FunnelSource>(funnel).unwrap());
    }
}
