//! `import_conversations`: lines of an import, brought by a request to the running server.

use std::sync::Arc;

use parlor_core::access::{Operation, Principal, may};
use parlor_core::error::Code;
use tokio::sync::OwnedSemaphorePermit;

use crate::service::transfer::{Tally, TransferError, import_conversations};
use crate::service::{Service, unwritten};
use crate::wire::Problem;
use crate::wire::import::{ImportTally, RefusedLine};

/// An import that may begin: who asked may, and there is room for its body.
pub struct Import {
    service: Arc<Service>,
    by: Principal,
    _room: OwnedSemaphorePermit,
}

impl Service {
    /// Room for an import of `by`; taken before its lines are read.
    pub fn begin_import(self: &Arc<Self>, by: &Principal) -> Result<Import, Problem> {
        if !may(by.role, Operation::Import) {
            return Err(Code::Forbidden.into());
        }
        let room = self.imports.clone().try_acquire_owned().map_err(|_| Code::RateLimited)?;
        Ok(Import { service: self.clone(), by: by.clone(), _room: room })
    }
}

impl Import {
    /// Stores what the lines say. After a problem some of them are stored; the same lines again do no harm.
    pub async fn store(self, lines: &[u8]) -> Result<ImportTally, Problem> {
        let Service { writer, ambient, .. } = &*self.service;
        match import_conversations(writer, ambient.as_ref(), &self.by, lines, |_| {}).await {
            Ok(tally) => Ok(tally.into()),
            Err(TransferError::Write(error)) => Err(unwritten(&error).into()),
            Err(TransferError::Store(error)) => Err(self.service.failed(&error)),
            Err(TransferError::LineTooLong(_)) => Err(Code::TooLarge.into()),
            Err(TransferError::File(error)) => {
                Err(Problem::internal("bytes in memory").logged(error.to_string()))
            }
        }
    }
}

impl From<Tally> for ImportTally {
    fn from(tally: Tally) -> Self {
        let Tally { conversations, messages, known, refused, refused_in_all, bytes: _ } = tally;
        let refused = refused.into_iter().map(|(line, detail)| RefusedLine { line, detail }).collect();
        Self { conversations, messages, known, refused, refused_in_all }
    }
}
