//! Which users are connected. A user with two tabs is online until the second one ends.
//!
//! What changed is collected and told together. Whether a change is news depends on what anybody may believe: who came and
//! went in between, unseen, is none.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use parlor_core::id::{UserId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::time::Timestamp;

/// Connections per user; bounded by the sockets of the process.
#[derive(Default)]
pub struct Presence {
    all: Mutex<HashMap<WorkspaceKey, Space>>,
}

/// One workspace's users.
#[derive(Default)]
struct Space {
    users: HashMap<UserId, State>,
    /// Whose state changed since it was told, in that order; bounded by `users`.
    changed: Vec<UserId>,
    /// Who left and is to be written down.
    left: HashSet<UserId>,
    /// Who was told to have left, with when; the newest.
    gone: VecDeque<Gone>,
}

/// A user who left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Who.
    pub user: UserId,
    /// When that was told.
    pub at: Timestamp,
}

/// What a workspace's agents are to be told: users, and whether they are online now.
pub type News = Vec<(UserId, bool)>;

struct State {
    connections: u32,
    /// Somebody may believe that they are online.
    believed_online: bool,
    /// Somebody may believe that they are not.
    believed_gone: bool,
    is_changed: bool,
}

impl Space {
    fn mark(&mut self, user: &UserId) {
        if let Some(state) = self.users.get_mut(user)
            && !std::mem::replace(&mut state.is_changed, true)
        {
            self.changed.push(user.clone());
        }
    }

    fn is_idle(&self) -> bool {
        self.users.is_empty() && self.left.is_empty() && self.gone.is_empty()
    }

    fn news(&mut self, limit: usize, now: Timestamp) -> News {
        let mut news = News::new();
        let mut later = Vec::new();
        for user in std::mem::take(&mut self.changed) {
            let Entry::Occupied(mut entry) = self.users.entry(user.clone()) else { continue };
            let state = entry.get_mut();
            let is_online = state.connections > 0;
            let is_news = if is_online { state.believed_gone } else { state.believed_online };
            if is_news && news.len() >= limit {
                later.push(user);
                continue;
            }
            if is_online {
                *state = State {
                    believed_online: is_news || state.believed_online,
                    believed_gone: false,
                    is_changed: false,
                    ..*state
                };
            } else {
                entry.remove();
            }
            if is_news {
                if !is_online {
                    self.gone.push_back(Gone { user: user.clone(), at: now });
                }
                news.push((user, is_online));
            }
        }
        self.changed = later;
        let is_old = |gone: &Gone| now.since_ms(gone.at) > limits::PRESENCE_GONE_MS;
        while self.gone.len() > limits::PRESENCE_TOLD || self.gone.front().is_some_and(is_old) {
            self.gone.pop_front();
        }
        news
    }
}

impl Presence {
    /// One more connection of a user.
    pub fn connect(&self, workspace: WorkspaceKey, user: &UserId) {
        let mut all = self.lock();
        let space = all.entry(workspace).or_default();
        let state = space.users.entry(user.clone()).or_insert(State {
            connections: 0,
            believed_online: false,
            believed_gone: true,
            is_changed: false,
        });
        state.connections += 1;
        if state.connections == 1 {
            space.left.remove(user);
            space.mark(user);
        }
    }

    /// One less.
    pub fn disconnect(&self, workspace: WorkspaceKey, user: &UserId) {
        let mut all = self.lock();
        let Some(space) = all.get_mut(&workspace) else { return };
        let Some(state) = space.users.get_mut(user) else { return };
        state.connections = state.connections.saturating_sub(1);
        if state.connections == 0 {
            if space.left.len() < limits::LEFT_WAITING {
                space.left.insert(user.clone());
            }
            space.mark(user);
        }
    }

    /// Whether a user has a connection. Whoever asks shows it to somebody.
    #[must_use]
    pub fn is_online(&self, workspace: WorkspaceKey, user: &UserId) -> bool {
        let mut all = self.lock();
        let Some(state) = all.get_mut(&workspace).and_then(|space| space.users.get_mut(user)) else {
            return false;
        };
        let is_online = state.connections > 0;
        state.believed_online |= is_online;
        state.believed_gone |= !is_online;
        is_online
    }

    /// Users who are connected, at most `limit`, in no order, to be shown to somebody; and those who left lately.
    #[must_use]
    pub fn list(&self, workspace: WorkspaceKey, limit: usize) -> (Vec<UserId>, Vec<Gone>) {
        let mut all = self.lock();
        let Some(space) = all.get_mut(&workspace) else { return Default::default() };
        let mut online = Vec::new();
        for (user, state) in space.users.iter_mut().filter(|(_, state)| state.connections > 0).take(limit) {
            state.believed_online = true;
            online.push(user.clone());
        }
        let is_gone = |gone: &&Gone| !space.users.contains_key(&gone.user);
        (online, space.gone.iter().filter(is_gone).cloned().collect())
    }

    /// What is to be told now, at most `limit` changes of each workspace; the rest waits, or takes itself back meanwhile.
    #[must_use]
    pub fn take_news(
        &self,
        limit: impl Fn(WorkspaceKey) -> usize,
        now: Timestamp,
    ) -> Vec<(WorkspaceKey, News)> {
        let mut all = self.lock();
        let news = all.iter_mut().map(|(workspace, space)| (*workspace, space.news(limit(*workspace), now)));
        let news = news.filter(|(_, news)| !news.is_empty()).collect();
        all.retain(|_, space| !space.is_idle());
        news
    }

    /// Who left since this was last asked.
    #[must_use]
    pub fn take_left(&self) -> Vec<(WorkspaceKey, Vec<UserId>)> {
        let mut all = self.lock();
        let left = all.iter_mut().filter(|(_, space)| !space.left.is_empty());
        left.map(|(workspace, space)| (*workspace, std::mem::take(&mut space.left).into_iter().collect()))
            .collect()
    }

    /// The server ends: whoever is still connected leaves.
    pub fn leave_all(&self) {
        for space in self.lock().values_mut() {
            let online = space.users.iter().filter(|(_, state)| state.connections > 0);
            space.left.extend(online.map(|(user, _)| user.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WorkspaceKey, Space>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: WorkspaceKey = WorkspaceKey(1);
    const ELSEWHERE: WorkspaceKey = WorkspaceKey(2);
    const NOW: Timestamp = Timestamp(1_000_000);

    fn user(name: &str) -> UserId {
        UserId::parse(name).expect("short")
    }

    fn news(presence: &Presence) -> Vec<(UserId, bool)> {
        presence.take_news(|_| 10, NOW).into_iter().flat_map(|(_, news)| news).collect()
    }

    #[test]
    fn a_user_is_online_from_the_first_connection_to_the_last_and_only_there() {
        let presence = Presence::default();
        let user = user("u1");
        presence.connect(HERE, &user);
        presence.connect(HERE, &user);
        assert!(presence.is_online(HERE, &user));
        assert!(!presence.is_online(ELSEWHERE, &user));
        assert_eq!(news(&presence), [(user.clone(), true)]);
        presence.disconnect(ELSEWHERE, &user);
        presence.disconnect(HERE, &user);
        assert_eq!((news(&presence), presence.take_left()), (vec![], vec![]));
        assert_eq!(presence.list(HERE, 10).0, std::slice::from_ref(&user));
        presence.disconnect(HERE, &user);
        assert!(!presence.is_online(HERE, &user));
        assert_eq!(news(&presence), [(user.clone(), false)]);
        assert_eq!(presence.list(HERE, 10), (vec![], vec![Gone { user: user.clone(), at: NOW }]));
        assert_eq!(presence.take_left(), [(HERE, vec![user])]);
    }

    #[test]
    fn who_comes_and_goes_in_between_is_no_news_unless_somebody_saw_it() {
        let presence = Presence::default();
        let (quick, seen, steady) = (user("quick"), user("seen"), user("steady"));
        presence.connect(HERE, &steady);
        assert_eq!(news(&presence), [(steady.clone(), true)]);
        for user in [&quick, &seen] {
            presence.connect(HERE, user);
        }
        presence.disconnect(HERE, &steady);
        assert!(presence.is_online(HERE, &seen));
        for user in [&quick, &seen] {
            presence.disconnect(HERE, user);
        }
        presence.connect(HERE, &steady);
        assert_eq!(news(&presence), [(seen.clone(), false)]);
        // They were connected all the same; who is back is written down when they leave.
        let mut left = presence.take_left().pop().expect("somebody left").1;
        left.sort();
        assert_eq!(left, [quick, seen]);
        presence.disconnect(HERE, &steady);
        assert!(!presence.is_online(HERE, &steady));
        presence.connect(HERE, &steady);
        assert_eq!(news(&presence), [(steady.clone(), true)], "somebody saw that they were gone");
        presence.leave_all();
        assert_eq!(presence.take_left(), [(HERE, vec![steady])]);
    }

    #[test]
    fn what_is_too_much_at_once_waits_and_may_take_itself_back() {
        let presence = Presence::default();
        let users: Vec<_> = (0..30).map(|n| user(&format!("u{n}"))).collect();
        users.iter().for_each(|user| presence.connect(HERE, user));
        let told: Vec<_> = (0..3).flat_map(|_| news(&presence)).collect();
        assert_eq!(told, users.iter().map(|user| (user.clone(), true)).collect::<Vec<_>>());
        users.iter().for_each(|user| presence.disconnect(HERE, user));
        assert_eq!(news(&presence).len(), 10);
        users[10..].iter().for_each(|user| presence.connect(HERE, user));
        assert_eq!(news(&presence), []);
        users[10..].iter().for_each(|user| presence.disconnect(HERE, user));
        assert_eq!((news(&presence).len(), news(&presence).len(), news(&presence)), (10, 10, vec![]));
        assert_eq!(presence.take_left()[0].1.len(), 30);
        let later = Timestamp(NOW.0 + limits::PRESENCE_GONE_MS + 1);
        assert_eq!(presence.take_news(|_| 10, later), []);
        assert!(presence.lock().is_empty(), "nobody is remembered for ever");
    }
}
