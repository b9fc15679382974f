//! How a list is read. SQLite's planner does not know how many rows a filter lets through; the kept totals do.

use parlor_core::limits;
use parlor_core::state::Dimension;
use rusqlite::Connection;

use super::Place;
use super::filter::{By, Filter};
use super::walk;
use crate::store::{Sort, StoreError};

/// How a list is read.
pub(super) struct Plan<'a> {
    filter: Filter<'a>,
    /// The filter that lets the fewest through.
    narrowest: By,
    read: Read,
    total: Total,
}

enum Read {
    /// Along an index that is in the list's order.
    Walk { by: By, index: Option<&'static str> },
    /// All that the narrowest filter lets through, then sorted; only when that is few.
    Sort,
}

enum Total {
    /// Kept.
    Kept(u64),
    /// Of one user: counted to the end.
    OfUser,
    /// Counted up to the cap.
    Counted,
}

impl<'a> Plan<'a> {
    pub(super) fn choose(connection: &Connection, filter: Filter<'a>) -> Result<Self, StoreError> {
        const FEW: u64 = limits::TOTAL_EXACT as u64;
        let query = filter.query;
        let mut set = filter.set(connection, FEW)?;
        let total = match (set.as_slice(), filter.dimensions().first()) {
            ([], _) => Total::Kept(filter.kept_total(connection, &Dimension::All)?),
            ([(_, kept)], Some(_)) => Total::Kept(*kept),
            ([(By::User, _)], _) => Total::OfUser,
            _ => Total::Counted,
        };
        set.retain(|(by, _)| *by != By::Inbox);
        set.sort_by_key(|(_, count)| *count);
        let (narrowest, count) = set.first().copied().unwrap_or((By::Inbox, u64::MAX));
        // A user's and a search's conversations have no order of their own, however many they are.
        let is_few = count <= FEW || matches!(narrowest, By::User | By::Among);
        let by_time = matches!(query.sort, Sort::Newest | Sort::Oldest);
        let read = match (by_time, is_few) {
            (true, true) if !narrowest.is_in_time_order() => Read::Sort,
            (true, _) => {
                let by = set.iter().map(|(by, _)| *by).find(|by| by.is_in_time_order());
                Read::Walk { by: by.unwrap_or(By::Inbox), index: None }
            }
            (false, true) => Read::Sort,
            (false, false) => Read::Walk { by: By::Inbox, index: Some("INDEXED BY conversation_count") },
        };
        Ok(Self { filter, narrowest, read, total })
    }

    /// Whether [`total`](Self::total) is beyond every cap.
    pub(super) fn total_is_exact(&self) -> bool {
        !matches!(self.total, Total::Counted)
    }

    /// How many pass every filter; at most one more than the cap where it is not exact.
    pub(super) fn total(&self, connection: &Connection) -> Result<u64, StoreError> {
        match self.total {
            Total::Kept(total) => Ok(total),
            Total::OfUser => self.filter.count(connection, By::User, None),
            Total::Counted => self.filter.count(connection, self.narrowest, Some(limits::TOTAL_EXACT as u64)),
        }
    }

    /// The places of the page, at most `most`.
    pub(super) fn places(&self, connection: &Connection, most: usize) -> Result<Vec<Place>, StoreError> {
        match self.read {
            Read::Walk { by, index } => walk::walk(connection, self.filter, by, index, most),
            Read::Sort => walk::sort(connection, self.filter, self.narrowest, most),
        }
    }
}
