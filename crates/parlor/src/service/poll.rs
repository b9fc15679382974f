//! `GET /changes`: the socket's groups for who has no socket, one answer at a time.

use std::future::poll_fn;
use std::sync::Arc;

use parlor_core::access::Principal;
use parlor_core::error::Code;
use parlor_core::limits;

use crate::service::Service;
use crate::service::auth::Caller;
use crate::service::follow::{Follower, Next};
use crate::wire::Problem;
use crate::wire::frames::Joiner;
use crate::wire::list::ChangeList;
use crate::wire::query::follow::{Follow, ListChanges};

impl Service {
    /// What changed on a topic since a cursor; waits for the first change when there is none yet. Answers at once when the
    /// server closes: who asks again finds the next one.
    pub async fn list_changes(
        self: &Arc<Self>,
        caller: &Caller,
        query: ListChanges,
    ) -> Result<ChangeList, Problem> {
        let waits = query.wait_s > 0 && query.follow.since.is_some();
        let wait_s = match self.holds_s(caller).await {
            _ if !waits => 0,
            Some(left_s) => query.wait_s.min(left_s),
            // A token in its leeway. Answered with nothing at once, a client would ask again at once, all through it.
            None => return Err(Code::Unauthenticated.into()),
        };
        // Before anything is looked up: who is refused costs the store nothing.
        let _seat = if waits { Some(self.seats.take(&caller.principal)?) } else { None };
        let deadline = self.hub.pulse().now() + wait_s;
        let mut follower = self.follow(&caller.principal, &query.follow).await?;
        let _present = waits.then(|| self.present(&caller.principal));
        let mut watch = follower.watch();
        let (mut groups, mut bytes, mut joiner) = (Vec::new(), 0, Joiner::default());
        let mut reset = false;
        while bytes < limits::CHANGES_BYTES && !reset {
            match follower.take_next() {
                Next::Frame { frame, ends_group } => {
                    if let Some(group) = joiner.add(frame, ends_group) {
                        bytes += group.len();
                        groups.push(group);
                    }
                }
                Next::Passing(_) => {}
                Next::Reset(_) => reset = true,
                Next::Behind => {
                    joiner.clear();
                    follower.read().await?;
                }
                Next::Nothing if !groups.is_empty() || watch.has_come(deadline) || watch.is_closing() => {
                    break;
                }
                Next::Nothing => poll_fn(|cx| watch.poll(cx, deadline)).await,
            }
        }
        Ok(ChangeList { groups, cursor: self.seal_cursor(&follower.topics()[0].at), reset })
    }

    /// A follower of one topic of a caller, from a place on.
    pub(super) async fn follow(
        self: &Arc<Self>,
        by: &Principal,
        follow: &Follow,
    ) -> Result<Follower, Problem> {
        let since = follow.since.as_deref().map(|cursor| self.open_cursor(by, cursor)).transpose()?;
        let channel = self.find_topic(by, &follow.topic, since.as_ref()).await?;
        let mut follower = Follower::new(self.clone());
        let place = follower.follow(&follow.topic, channel);
        follower.catch_up(place, since).await?;
        Ok(follower)
    }
}
