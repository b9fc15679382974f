//! `put_backup_part`.

use parlor_core::limits;
use utoipa::IntoParams;

use super::Pairs;
use crate::wire::Problem;
use crate::wire::parse::Check;

/// A part of a backup, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct BackupPartParams {
    /// How many bytes of the backup come before; 0 begins anew.
    at: u64,
}

/// Where a part belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupPart {
    /// So many bytes come before it.
    pub at: u64,
}

impl BackupPart {
    /// Reads it.
    pub fn parse(pairs: &Pairs) -> Result<Self, Problem> {
        const AT: (&str, &str) = ("at", "must be the number of bytes that come before");
        let mut check = Check::default();
        let at = pairs.number(&mut check, AT, 0..=limits::RESTORE_BYTES);
        if at.is_none() && pairs.get(AT.0).is_none() {
            return Err(Problem::field("/query/at", AT.1));
        }
        check.finish(at.map(|at| Self { at }))
    }
}
