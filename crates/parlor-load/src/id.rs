//! Message ids: version 7, without a system call each.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use uuid::{Builder, Uuid};

use crate::random::Random;

/// Makes ids that no other source and no other run makes.
#[derive(Debug)]
pub struct Ids {
    source: u16,
    random: Random,
}

impl Ids {
    /// A source of its own.
    pub fn new() -> anyhow::Result<Self> {
        let mut seed = [0; 10];
        getrandom::fill(&mut seed).context("the system gives no randomness")?;
        let [a, b, rest @ ..] = seed;
        Ok(Ids { source: u16::from_be_bytes([a, b]), random: Random::new(u64::from_be_bytes(rest)) })
    }

    /// The next id.
    pub fn next(&mut self) -> Uuid {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.random.next().to_be_bytes());
        random[8..].copy_from_slice(&self.source.to_be_bytes());
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_version_7_and_differ() {
        let mut ids = Ids::new().unwrap();
        let made: HashSet<Uuid> = (0..100_000).map(|_| ids.next()).collect();
        assert_eq!(made.len(), 100_000);
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }
}
