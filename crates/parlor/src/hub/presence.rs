//! Which users are connected. A user with two tabs is online until the second one ends.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use parlor_core::id::{UserId, WorkspaceKey};

/// Connections per user; bounded by the sockets of the process.
#[derive(Default)]
pub struct Presence {
    connections: Mutex<HashMap<WorkspaceKey, HashMap<UserId, u32>>>,
}

impl Presence {
    /// One more connection of a user; true when it is the first.
    pub fn connect(&self, workspace: WorkspaceKey, user: &UserId) -> bool {
        let mut all = self.lock();
        let count = all.entry(workspace).or_default().entry(user.clone()).or_default();
        *count += 1;
        *count == 1
    }

    /// One less; true when it was the last.
    pub fn disconnect(&self, workspace: WorkspaceKey, user: &UserId) -> bool {
        let mut all = self.lock();
        let Some(users) = all.get_mut(&workspace) else { return false };
        let Entry::Occupied(mut count) = users.entry(user.clone()) else { return false };
        *count.get_mut() -= 1;
        let is_last = *count.get() == 0;
        if is_last {
            count.remove();
            if users.is_empty() {
                all.remove(&workspace);
            }
        }
        is_last
    }

    /// Whether a user has a connection.
    #[must_use]
    pub fn is_online(&self, workspace: WorkspaceKey, user: &UserId) -> bool {
        self.lock().get(&workspace).is_some_and(|users| users.contains_key(user))
    }

    /// Users who are connected, at most `limit`, in no order.
    #[must_use]
    pub fn online(&self, workspace: WorkspaceKey, limit: usize) -> Vec<UserId> {
        let all = self.lock();
        all.get(&workspace).into_iter().flat_map(HashMap::keys).take(limit).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WorkspaceKey, HashMap<UserId, u32>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: WorkspaceKey = WorkspaceKey(1);
    const ELSEWHERE: WorkspaceKey = WorkspaceKey(2);

    #[test]
    fn a_user_is_online_from_the_first_connection_to_the_last_and_only_there() {
        let presence = Presence::default();
        let user = UserId::parse("u1").expect("short");
        assert!(presence.connect(HERE, &user));
        assert!(!presence.connect(HERE, &user));
        assert!(presence.is_online(HERE, &user));
        assert!(!presence.is_online(ELSEWHERE, &user));
        assert!(!presence.disconnect(ELSEWHERE, &user));
        assert!(!presence.disconnect(HERE, &user));
        assert_eq!(presence.online(HERE, 10), std::slice::from_ref(&user));
        assert!(presence.disconnect(HERE, &user));
        assert!(!presence.is_online(HERE, &user));
        assert!(presence.online(HERE, 10).is_empty());
    }
}
