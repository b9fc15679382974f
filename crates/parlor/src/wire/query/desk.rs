//! `delete_canned_answer`.

use utoipa::IntoParams;

use super::Pairs;
use crate::wire::Problem;
use crate::wire::parse::Check;

/// `DELETE /canned-answers/{id}`, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct DeleteCannedAnswerParams {
    /// Only while the canned answer is of this version; otherwise `canned-answer-changed`. Absent, it goes as it is.
    version: Option<u64>,
}

/// What is deleted only as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfVersion(pub Option<u64>);

impl OfVersion {
    /// Reads it. An empty value must not delete whatever is there.
    pub fn parse(pairs: &Pairs) -> Result<Self, Problem> {
        let mut check = Check::default();
        let param = ("version", "must be a version");
        let version = pairs.number(&mut check, param, 0..=u64::MAX);
        if version.is_none() && pairs.has(param.0) {
            return Err(Problem::field("/query/version", param.1));
        }
        check.finish(Some(Self(version)))
    }
}
