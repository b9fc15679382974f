//! A reader that stops reading while more is said than the system and the server keep for it, and then reads on.

use std::rc::Rc;

use parlor_core::limits;

use super::everybody;
use crate::follow::{Manner, Topic};
use crate::people::People;
use crate::socket::From;
use crate::steady;

/// Bytes the system keeps on the reader's side; the less, the more often both sides wait for one another afterwards.
const BUFFER: u32 = 64 * 1024;
/// What is said meanwhile, each as long as a text may be: many times what the system and the connection's queue keep on the
/// server's side. Fewer than are too many to be sent again, or the reader would load anew.
const MESSAGES: usize = limits::RESUME_CHANGES * 3 / 5;

/// In a conversation of its own; until all of it is said and the reader reads on, besides `sockets` others. The judge sees
/// whether it misses any of it.
pub async fn run(people: &Rc<People>, sockets: usize) -> anyhow::Result<()> {
    let world = &people.world;
    steady::start_rooms(people, &["stalled".to_owned()]).await;
    let Some(room) = people.rooms().last().copied() else { return Ok(()) };
    let from = From { receive_buffer: Some(BUFFER), ..From::default() };
    let manner = Manner { from, stalls: true, ..Manner::default() };
    people.follow(people.api("agent", "stalled"), Topic::Room(room), manner);
    everybody("follow", sockets as u64 + 1, || world.tally.following.get()).await?;
    world.stall(true);
    steady::long_burst(people, room, MESSAGES).await;
    world.stall(false);
    Ok(())
}
