//! Who reads along in each workload.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::time::sleep;

use super::{Plan, Workload};
use crate::follow::{Manner, Topic};
use crate::people::People;
use crate::socket::From;

/// Everybody follows within this time.
const GRACE: Duration = Duration::from_secs(120);
/// Sockets that are opened at once.
const AT_ONCE: u64 = 200;
/// Bytes the system keeps for a stalled reader.
const STALLED_BUFFER: u32 = 4 * 1024;

/// Lets everybody follow who reads along in `plan`: `users` in their rooms, in this order, and agents.
pub async fn gather(people: &Rc<People>, users: &[String], plan: Plan) -> anyhow::Result<()> {
    let mut expected = 0;
    for (place, (user, room)) in users.iter().zip(people.rooms()).enumerate() {
        for i in 0..plan.readers_of(place) {
            let agent = || people.api("agent", &format!("reader-{i}"));
            let api = if i == 0 { people.api("visitor", user) } else { agent() };
            people.follow(api, Topic::Room(room), Manner::default());
            expected += 1;
            follow(people, expected, AT_ONCE).await?;
        }
    }
    for i in 0..plan.inboxes() {
        let from = From { receive_buffer: Some(STALLED_BUFFER), ..From::default() };
        let stalled = Manner { from, stalls: true, ..Manner::default() };
        let manner = if i < plan.stalled { stalled } else { Manner::default() };
        people.follow(people.api("agent", &format!("reader-{i}")), Topic::Inbox { of: None }, manner);
        expected += 1;
    }
    follow(people, expected, 0).await
}

/// Waits until all of `expected` readers follow but so many.
async fn follow(people: &People, expected: u64, but: u64) -> anyhow::Result<()> {
    let deadline = Instant::now() + GRACE;
    while people.world.tally.following.get() + but < expected {
        ensure!(
            Instant::now() < deadline,
            "only {} of {expected} readers follow",
            people.world.tally.following.get()
        );
        sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

impl Plan {
    /// How many follow the conversation at `place`.
    fn readers_of(&self, place: usize) -> usize {
        match self.workload {
            Workload::SmallRooms | Workload::Cuts | Workload::Kills => self.readers,
            Workload::LargeRooms if place == 0 => self.readers,
            Workload::LargeRooms => self.readers.div_ceil(super::LARGE_OVER_SMALL),
            Workload::Idle => 1,
            Workload::Inboxes | Workload::Stalls => 0,
        }
    }

    /// How many have the inbox open.
    fn inboxes(&self) -> usize {
        match self.workload {
            Workload::SmallRooms | Workload::LargeRooms | Workload::Cuts | Workload::Kills => 0,
            Workload::Inboxes | Workload::Stalls | Workload::Idle => self.readers,
        }
    }
}
