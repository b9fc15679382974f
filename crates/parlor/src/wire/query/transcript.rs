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
    /// Whether private notes come along; default `false`, and never to a visitor.
    notes: Option<bool>,
}

/// What a transcript is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TranscriptQuery {
    /// How it is written.
    pub format: TranscriptFormat,
    /// Whether private notes come along, to those who see any.
    pub notes: bool,
}

impl TranscriptQuery {
    /// Reads them.
    pub fn parse(pairs: &Pairs) -> Result<Self, Problem> {
        let mut check = Check::default();
        let format = pairs.word(&mut check, ("format", "must be text or json"), |word| match word {
            "text" => Some(TranscriptFormat::Text),
            "json" => Some(TranscriptFormat::Json),
            _ => None,
        });
        let notes = pairs.word(&mut check, ("notes", "must be true or false"), |word| word.parse().ok());
        check.finish(Some(Self { format: format.unwrap_or_default(), notes: notes.unwrap_or_default() }))
    }
}
