//! How many requests may wait, long polls and event streams: in all, and of one caller, so that nobody takes the others'
//! places.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parlor_core::access::{Principal, Role};
use parlor_core::error::Code;
use parlor_core::id::{AgentId, WorkspaceKey};
use parlor_core::limits;

/// One caller, however many tokens, tabs and devices they have.
type Who = (WorkspaceKey, Role, AgentId);

/// The counts of one process.
#[derive(Default)]
pub(super) struct Seats {
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    taken: usize,
    /// Bounded by `taken`.
    taken_by: HashMap<Who, usize>,
}

/// A request's place; given back when dropped.
pub(super) struct Seat {
    seats: Arc<Seats>,
    who: Who,
}

impl Seats {
    /// A place for a request of `by`.
    pub(super) fn take(self: &Arc<Self>, by: &Principal) -> Result<Seat, Code> {
        let who = (by.workspace, by.role, by.sub.clone());
        let mut counts = self.lock();
        let own = counts.taken_by.get(&who).copied().unwrap_or_default();
        if counts.taken >= limits::WAITING_REQUESTS || own >= limits::WAITING_REQUESTS_PER_CALLER {
            return Err(Code::RateLimited);
        }
        counts.taken += 1;
        counts.taken_by.insert(who.clone(), own + 1);
        Ok(Seat { seats: self.clone(), who })
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.seats.lock();
        counts.taken -= 1;
        if let Some(own) = counts.taken_by.get_mut(&self.who) {
            *own -= 1;
            if *own == 0 {
                counts.taken_by.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: usize = limits::WAITING_REQUESTS_PER_CALLER;

    fn caller(workspace: i64, role: Role, sub: &str) -> Principal {
        let sub = AgentId::parse(sub).expect("an id");
        Principal { workspace: WorkspaceKey(workspace), role, sub, name: None, email: None }
    }

    #[test]
    fn a_caller_takes_their_own_places_and_nobody_elses() {
        let seats = Arc::new(Seats::default());
        let ada = caller(1, Role::Agent, "ada");
        let mut taken: Vec<Seat> = (0..OWN).map(|_| seats.take(&ada).expect("a seat")).collect();
        assert_eq!(seats.take(&ada).err(), Some(Code::RateLimited));
        for other in
            [caller(1, Role::Agent, "eve"), caller(1, Role::Visitor, "ada"), caller(2, Role::Agent, "ada")]
        {
            assert!(seats.take(&other).is_ok(), "{other:?}");
        }
        taken.pop();
        let again = seats.take(&ada).expect("one was given back");
        assert!(seats.take(&ada).is_err());
        drop((taken, again));
        let counts = seats.lock();
        assert_eq!((counts.taken, counts.taken_by.len()), (0, 0));
    }

    #[test]
    fn all_callers_together_have_a_bound_too() {
        let seats = Arc::new(Seats::default());
        let many = (0..).map(|n| caller(1, Role::Visitor, &format!("user-{n}")));
        let taken: Vec<Seat> = many.map_while(|by| seats.take(&by).ok()).collect();
        assert_eq!(taken.len(), limits::WAITING_REQUESTS);
        drop(taken);
        assert!(seats.take(&caller(1, Role::Visitor, "late")).is_ok());
    }
}
