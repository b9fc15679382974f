//! `get_transcript`.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Pairs;
use crate::wire::Problem;
use crate::wire::parse::Check;

/// How a transcript is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TranscriptFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// `GET /conversations/{id}/transcript`, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct TranscriptParams {
    /// Default `text`.
    format: Option<TranscriptFormat>,
}

impl TranscriptFormat {
    /// Reads `format`.
    pub fn parse(pairs: &Pairs) -> Result<Self, Problem> {
        let mut check = Check::default();
        let format = pairs.word(&mut check, ("format", "must be text or json"), |word| match word {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        });
        check.finish(Some(format.unwrap_or_default()))
    }
}
