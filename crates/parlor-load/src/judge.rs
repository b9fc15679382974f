//! The judge: what writers were told and readers were shown, against what is stored in the end.
//!
//! A [`Journal`] takes notes while a run goes on: every writer says what it is about to send and what came of it, every
//! reader what it was shown. Afterwards [`store::read`] reads everything back and [`Journal::judge`] compares. What each
//! kind of breach means stands at [`Breach`].

mod compare;
mod journal;
mod lines;
mod reader;
mod sightings;
pub mod store;
mod tape;
mod verdict;

pub use journal::{Journal, ReaderId, RoomId, WriterId};
pub use reader::Follows;
pub use store::Summary;
pub use verdict::{Breach, Verdict};

#[cfg(test)]
mod tests;
