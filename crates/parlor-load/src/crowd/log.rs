//! What the readers of one room saw, kept once for all of them: each is held against it at every message.

use anyhow::ensure;
use uuid::Uuid;

use crate::outcome::Outcome;

/// What the readers of a room agree on.
#[derive(Debug, Clone)]
pub struct Log {
    /// Which room.
    pub room: Uuid,
    /// The `seq` of the first message they saw.
    pub first: u32,
    /// The numbers that the texts carry, from that one on.
    pub numbers: Vec<u64>,
}

impl Log {
    /// Of `room`, whose next message is `first`.
    pub fn new(room: Uuid, first: u32) -> Self {
        Log { room, first, numbers: Vec::new() }
    }

    /// Somebody sees text `number` as message `seq`: a message they all have seen before, or the next.
    pub fn see(&mut self, seq: u32, number: u64) -> anyhow::Result<()> {
        let at = seq.checked_sub(self.first).map_or(usize::MAX, |at| at as usize);
        match self.numbers.get(at) {
            Some(known) => {
                let room = self.room;
                let order =
                    || Outcome::Breach(format!("order: {seq} of {room} is {number}, and was {known}"));
                ensure!(number == *known, order());
            }
            None if at == self.numbers.len() => self.numbers.push(number),
            None => {
                ensure!(false, Outcome::Breach(format!("gap: {seq} of {} comes out of nowhere", self.room)))
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_agree_or_it_is_a_breach() {
        let mut log = Log::new(Uuid::nil(), 5);
        for (seq, number) in [(5, 100), (6, 101), (5, 100), (7, 109), (6, 101)] {
            log.see(seq, number).unwrap();
        }
        assert_eq!(log.numbers, [100, 101, 109]);
        for (seq, number) in [(6, 100), (9, 110), (4, 99)] {
            assert!(log.see(seq, number).is_err(), "{seq} {number}");
        }
    }
}
