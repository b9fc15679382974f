//! What agents keep at hand, and the lists they choose from: `list_agents`, `list_labels`, `list_funnels`,
//! `list_canned_answers`, `put_canned_answer`, `delete_canned_answer`, `list_views`, `put_view`, `delete_view`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use parlor_core::access::{Operation, Principal, may};
use parlor_core::command::{Action, Command};
use parlor_core::decide::Outcome;
use parlor_core::error::Code;
use parlor_core::id::{AgentId, CannedAnswerId, ViewId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::text::Name;

use crate::service::Service;
use crate::wire::Problem;
use crate::wire::desk::{
    Agent, AgentList, CannedAnswer, CannedAnswerList, FunnelItem, FunnelList, LabelList, SavedView, ViewList,
};
use crate::wire::input::{PutCannedAnswer, PutView};

/// Agents whose names the store knows, so that not every connection of theirs asks it.
#[derive(Default)]
pub(super) struct Met(Mutex<HashMap<(WorkspaceKey, AgentId), Name>>);

impl Met {
    /// Whether an agent is new here, or called otherwise than before. From now on they are not.
    fn is_new(&self, workspace: WorkspaceKey, id: AgentId, name: Name) -> bool {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Emptied rather than aged: to meet somebody again costs a lookup.
        if met.len() >= limits::AGENTS_MET {
            met.clear();
        }
        met.insert((workspace, id), name.clone()) != Some(name)
    }

    fn forget(&self, workspace: WorkspaceKey, id: AgentId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(workspace, id));
    }
}

impl Service {
    /// Remembers an agent who comes, so that others find them in the list. Never waits.
    pub(super) fn meet(&self, by: &Principal) {
        let Some(agent) = by.agent() else { return };
        if !self.met.is_new(by.workspace, agent.id.clone(), agent.name) {
            return;
        }
        let (writer, met, command) =
            (self.writer.clone(), self.met.clone(), Command { by: by.clone(), action: Action::MeetAgent });
        tokio::spawn(async move {
            let by = command.by.clone();
            if writer.run_background(command).await.is_err() {
                met.forget(by.workspace, by.sub);
            }
        });
    }

    /// Those who answer.
    pub async fn list_agents(&self, by: &Principal) -> Result<AgentList, Problem> {
        read_desk(by)?;
        let found = self.store.list_agents(by.workspace, limits::DESK_LISTED).await;
        let mut agents: Vec<Agent> =
            found.map_err(|error| self.failed(&error))?.into_iter().map(Agent::from).collect();
        agents.sort_by_cached_key(|agent| (agent.name.to_lowercase(), agent.id.clone()));
        Ok(AgentList { agents })
    }

    /// Labels in use.
    pub async fn list_labels(&self, by: &Principal) -> Result<LabelList, Problem> {
        read_desk(by)?;
        let found = self.store.list_labels(by.workspace, limits::DESK_LISTED).await;
        let found = found.map_err(|error| self.failed(&error))?.into_iter();
        let mut labels: Vec<String> = found.map(|label| label.as_str().to_owned()).collect();
        labels.sort_by_cached_key(|label| (label.to_lowercase(), label.clone()));
        Ok(LabelList { labels })
    }

    /// The workspace's funnels.
    pub async fn list_funnels(&self, by: &Principal) -> Result<FunnelList, Problem> {
        read_desk(by)?;
        let found = self.store.list_funnels(by.workspace, limits::DESK_LISTED).await;
        let mut funnels: Vec<FunnelItem> =
            found.map_err(|error| self.failed(&error))?.into_iter().map(FunnelItem::from).collect();
        funnels.sort_by_cached_key(|funnel| (funnel.name.to_lowercase(), funnel.id.clone()));
        Ok(FunnelList { funnels })
    }

    /// Every canned answer.
    pub async fn list_canned_answers(&self, by: &Principal) -> Result<CannedAnswerList, Problem> {
        read_desk(by)?;
        let found = self.store.list_canned_answers(by.workspace).await.map_err(|e| self.failed(&e))?;
        let mut canned_answers: Vec<_> = found.iter().map(|answer| CannedAnswer::from(&**answer)).collect();
        canned_answers.sort_by_cached_key(|answer| answer.shortcut.to_lowercase());
        Ok(CannedAnswerList { canned_answers })
    }

    /// Stores a canned answer; true when there was none with its id.
    pub async fn put_canned_answer(
        &self,
        by: &Principal,
        id: &str,
        input: PutCannedAnswer,
    ) -> Result<(CannedAnswer, bool), Problem> {
        edit_desk(by)?;
        let put = input.parse(CannedAnswerId::parse(id).ok_or(Code::NotFound)?)?;
        match self.run(by, Action::PutCannedAnswer(Box::new(put))).await? {
            Outcome::CannedAnswer { answer, created } => Ok((CannedAnswer::from(&*answer), created)),
            _ => Err(Problem::internal("an answer that is not about a canned answer")),
        }
    }

    /// Deletes a canned answer; with a version only while it is of that one.
    pub async fn delete_canned_answer(
        &self,
        by: &Principal,
        id: &str,
        version: Option<u64>,
    ) -> Result<(), Problem> {
        edit_desk(by)?;
        let id = CannedAnswerId::parse(id).ok_or(Code::NotFound)?;
        self.run(by, Action::DeleteCannedAnswer { id, version }).await.map(drop)
    }

    /// The caller's saved views and those everybody has.
    pub async fn list_views(&self, by: &Principal) -> Result<ViewList, Problem> {
        read_desk(by)?;
        let found = self.store.list_views(by.workspace).await.map_err(|error| self.failed(&error))?;
        let all = found.iter().map(|view| SavedView::of(view, by));
        let mut views: Vec<_> = all.filter(|view| view.is_mine || view.is_shared).collect();
        views.sort_by_cached_key(|view| (view.name.to_lowercase(), view.id.clone()));
        Ok(ViewList { views })
    }

    /// Stores a saved view; true when there was none with its id.
    pub async fn put_view(
        &self,
        by: &Principal,
        id: &str,
        input: PutView,
    ) -> Result<(SavedView, bool), Problem> {
        edit_desk(by)?;
        let put = input.parse(ViewId::parse(id).ok_or(Code::NotFound)?)?;
        match self.run(by, Action::PutView(Box::new(put))).await? {
            Outcome::View { view, created } => Ok((SavedView::of(&view, by), created)),
            _ => Err(Problem::internal("an answer that is not about a saved view")),
        }
    }

    /// Deletes a saved view.
    pub async fn delete_view(&self, by: &Principal, id: &str) -> Result<(), Problem> {
        edit_desk(by)?;
        let id = ViewId::parse(id).ok_or(Code::NotFound)?;
        self.run(by, Action::DeleteView(id)).await.map(drop)
    }
}

fn read_desk(by: &Principal) -> Result<(), Problem> {
    if may(by.role, Operation::ReadDesk) { Ok(()) } else { Err(Code::Forbidden.into()) }
}

/// Before its content is looked at: what does not hold is for those who may write it.
fn edit_desk(by: &Principal) -> Result<(), Problem> {
    if may(by.role, Operation::EditDesk) { Ok(()) } else { Err(Code::Forbidden.into()) }
}
