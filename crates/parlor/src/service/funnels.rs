//! `get_funnel`, `put_funnel`.

use std::sync::Arc;

use parlor_core::access::{Operation, Principal, View, may};
use parlor_core::command::Action;
use parlor_core::decide::Outcome;
use parlor_core::error::Code;
use parlor_core::funnel::{Funnel, FunnelSource};
use parlor_core::id::FunnelId;

use crate::service::Service;
use crate::wire::Problem;

impl Service {
    /// A funnel's current version; for a visitor only its greeting.
    pub async fn get_funnel(&self, by: &Principal, id: &str) -> Result<FunnelSource, Problem> {
        let id = FunnelId::parse(id).ok_or(Code::NotFound)?;
        let found = self.store.get_funnel(by.workspace, id).await.map_err(|error| self.failed(&error))?;
        let funnel = found.ok_or(Code::NotFound)?;
        Ok(if by.view() == View::Visitor { funnel.source.greeting() } else { funnel.source.clone() })
    }

    /// Checks the whole graph and stores a new version; true when it differs from the current one.
    pub async fn put_funnel(
        &self,
        by: &Principal,
        id: &str,
        source: FunnelSource,
    ) -> Result<(Arc<Funnel>, bool), Problem> {
        // Before its content is looked at: a funnel's mistakes are for those who may write one.
        if !may(by.role, Operation::PutFunnel) {
            return Err(Code::Forbidden.into());
        }
        if source.id != id {
            return Err(Problem::field("/id", "must be the same as in the address"));
        }
        let funnel = Funnel::parse(source).map_err(Problem::fields)?;
        match self.run(by, Action::PutFunnel(Box::new(funnel))).await? {
            Outcome::Funnel { funnel, created } => Ok((funnel, created)),
            _ => Err(Problem::internal("an answer that is not about a funnel")),
        }
    }
}
