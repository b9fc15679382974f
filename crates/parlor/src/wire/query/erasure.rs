//! `delete_conversation`, `delete_user`, `list_deletions`.

use parlor_core::limits;
use utoipa::IntoParams;

use super::Pairs;
use crate::wire::Problem;
use crate::wire::parse::Check;

/// A deletion, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct DeleteParams {
    /// `true` deletes nothing, and answers with what would go; default `false`.
    #[param(rename = "dryRun")]
    dry_run: Option<bool>,
}

/// Whether nothing is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsDryRun(pub bool);

impl IsDryRun {
    /// Reads it. An empty value is no answer to a question like this one.
    pub fn parse(pairs: &Pairs) -> Result<Self, Problem> {
        let mut check = Check::default();
        let param = ("dryRun", "must be true or false");
        let given = pairs.word(&mut check, param, |word| word.parse().ok());
        if given.is_none() && pairs.has(param.0) {
            return Err(Problem::field("/query/dryRun", param.1));
        }
        check.finish(Some(Self(given.unwrap_or_default())))
    }
}

/// `GET /deletions`, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct ListDeletionsParams {
    /// How many, at most 200; default 50.
    limit: Option<usize>,
    /// Only those below this `seq`.
    before: Option<u64>,
}

/// Which deletions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListDeletions {
    /// How many.
    pub limit: usize,
    /// Below which `seq`.
    pub before: Option<u64>,
}

impl ListDeletions {
    /// Reads them.
    pub fn parse(pairs: &Pairs) -> Result<Self, Problem> {
        let mut check = Check::default();
        let limit = pairs.number(&mut check, ("limit", "must be 1 to 200"), 1..=limits::DELETIONS_MAX);
        let before = pairs.number(&mut check, ("before", "must be a number from 1"), 1..=u64::MAX);
        check.finish(Some(Self { limit: limit.unwrap_or(limits::DELETIONS_DEFAULT), before }))
    }
}
