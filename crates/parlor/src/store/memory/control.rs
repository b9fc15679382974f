//! Workspaces and their secrets, and when users were last seen.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parlor_core::id::{UserId, WorkspaceKey};
use parlor_core::lifecycle::Redate;
use parlor_core::limits;
use parlor_core::state::Head;
use parlor_core::time::Timestamp;
use parlor_core::user::User;

use super::{Inner, Space, unknown};
use crate::store::{NewWorkspace, Secret, StoreError, Workspace};

pub(super) fn create_workspace(inner: &mut Inner, new: NewWorkspace) -> Workspace {
    if let Some(space) = inner.workspaces.values().find(|space| space.about.name == new.name) {
        return space.about.clone();
    }
    let key = WorkspaceKey(inner.workspaces.keys().next_back().map_or(1, |last| last.0 + 1));
    let NewWorkspace { name, public_key, epoch, secrets, .. } = new;
    let about = Workspace { key, name, public_key, origins: Vec::new(), secrets };
    let space = Space {
        about: about.clone(),
        head: Head { epoch, rev: 0, ..Head::default() },
        conversations: HashMap::new(),
        order: Vec::new(),
        threads: HashMap::new(),
        message_ids: HashMap::new(),
        notes: HashMap::new(),
        tombstones: BTreeMap::new(),
        erased: HashMap::new(),
        purged_rev: 0,
        users: HashMap::new(),
        agents: HashMap::new(),
        funnels: HashMap::new(),
        canned_answers: BTreeMap::new(),
        views: BTreeMap::new(),
        counters: BTreeMap::new(),
        activities: Vec::new(),
    };
    inner.workspaces.insert(key, space);
    about
}

/// Has the settings carried to the conversations once more, as if somebody had set the same again.
pub(super) fn carry_anew(space: &mut Space, since: Timestamp) {
    let total = space.conversations.len() as u64;
    let redate = match &space.head.redate {
        Some(under_way) => Redate { after: None, done: 0, ..(**under_way).clone() },
        None => {
            let before = Arc::new((*space.head.policies).clone().with_version(0));
            Redate { before: Some(before), since, after: None, done: 0, total }
        }
    };
    space.head.redate = Some(Arc::new(redate));
}

pub(super) fn about(
    inner: &mut Inner,
    workspace: WorkspaceKey,
    change: impl FnOnce(&mut Workspace),
) -> Result<(), StoreError> {
    let space = inner.workspaces.get_mut(&workspace).ok_or_else(|| unknown(workspace))?;
    change(&mut space.about);
    Ok(())
}

/// Newest first; the oldest of its kind beyond the bound is retired.
pub(super) fn add_secret(about: &mut Workspace, secret: Secret) {
    let kind = secret.kind;
    about.secrets.insert(0, secret);
    let mut live = 0;
    about.secrets.retain(|s| {
        live += usize::from(s.kind == kind);
        s.kind != kind || live <= limits::LIVE_SECRETS
    });
}

pub(super) fn set_last_seen(
    inner: &mut Inner,
    workspace: WorkspaceKey,
    users: &[UserId],
    at: Timestamp,
) -> Result<(), StoreError> {
    let space = inner.workspaces.get_mut(&workspace).ok_or_else(|| unknown(workspace))?;
    for id in users {
        if let Some(user) =
            space.users.get_mut(id).filter(|user| user.last_seen_at.is_none_or(|seen| seen < at))
        {
            *user = Arc::new(User { last_seen_at: Some(at), ..(**user).clone() });
        }
    }
    Ok(())
}
