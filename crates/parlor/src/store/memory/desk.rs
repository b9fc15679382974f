//! What agents keep at hand, and the lists they choose from.

use std::collections::BTreeSet;

use parlor_core::agent::AgentRef;
use parlor_core::funnel::FunnelRef;
use parlor_core::state::{DeskPart, DeskWrite, Keys, Loaded};
use parlor_core::text::Label;

use super::Space;

pub(super) fn list_agents(space: &Space, limit: usize) -> Vec<AgentRef> {
    let mut agents: Vec<_> = space.agents.values().cloned().collect();
    agents.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    agents.truncate(limit);
    agents
}

pub(super) fn list_labels(space: &Space, limit: usize) -> Vec<Label> {
    let labels: BTreeSet<_> = space.conversations.values().flat_map(|c| &c.labels).cloned().collect();
    labels.into_iter().take(limit).collect()
}

pub(super) fn list_funnels(space: &Space, limit: usize) -> Vec<FunnelRef> {
    let current = space.funnels.values().filter_map(|versions| versions.last());
    let name = |funnel: &std::sync::Arc<parlor_core::funnel::Funnel>| FunnelRef {
        id: funnel.id.clone(),
        name: funnel.name.clone(),
        version: funnel.version,
    };
    let mut funnels: Vec<_> = current.map(name).collect();
    funnels.sort_by(|a, b| a.id.cmp(&b.id));
    funnels.truncate(limit);
    funnels
}

pub(super) fn load(space: &Space, keys: &Keys, found: &mut Loaded) {
    let asks = |part| keys.desk.contains(&part);
    found.canned_answers =
        asks(DeskPart::CannedAnswers).then(|| space.canned_answers.values().cloned().collect());
    found.views = asks(DeskPart::Views).then(|| space.views.values().cloned().collect());
}

pub(super) fn apply(space: &mut Space, write: DeskWrite) {
    match write {
        DeskWrite::PutCannedAnswer(answer) => {
            space.canned_answers.insert(answer.id.clone(), answer);
        }
        DeskWrite::DeleteCannedAnswer(id) => {
            space.canned_answers.remove(&id);
        }
        DeskWrite::PutView(view) => {
            space.views.insert(view.id.clone(), view);
        }
        DeskWrite::DeleteView(id) => {
            space.views.remove(&id);
        }
    }
}
