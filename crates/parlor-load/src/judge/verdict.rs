//! What was found wrong, counted and with the first few examples.

use std::fmt;

use serde::Serialize;

use crate::outcome::Outcome;

/// Examples kept of each kind.
const EXAMPLES: usize = 5;

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Breach {
    /// Acknowledged, and not stored, or stored elsewhere than the answer said; what was deleted is not.
    Lost,
    /// Stored twice, or shown to one reader twice as new.
    Doubled,
    /// Stored though nobody sent it, it was refused or it is deleted; or shown to a reader and not stored.
    Ghost,
    /// A hole in the stored numbering, or in what a reader saw below the head it had reached.
    Gap,
    /// Numbers that contradict an answer, another reader, or what one writer did one after the other.
    Order,
    /// What a reader ends with is not what a fresh load shows.
    Stale,
}

impl Breach {
    /// All kinds, in the order they are told.
    pub const ALL: [Breach; 6] =
        [Breach::Lost, Breach::Doubled, Breach::Ghost, Breach::Gap, Breach::Order, Breach::Stale];

    /// As it is told.
    pub fn name(self) -> &'static str {
        match self {
            Breach::Lost => "lost",
            Breach::Doubled => "doubled",
            Breach::Ghost => "ghost",
            Breach::Gap => "gap",
            Breach::Order => "order",
            Breach::Stale => "stale",
        }
    }
}

/// Breaches of one kind.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    count: u64,
    examples: Vec<String>,
}

/// The judge's finding, and how much it rests on.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    lost: Found,
    doubled: Found,
    ghost: Found,
    gap: Found,
    order: Found,
    stale: Found,
    /// Messages the server acknowledged.
    pub acknowledged: u64,
    /// Messages that were refused.
    pub refused: u64,
    /// Messages nobody was told about in the end.
    pub unknown: u64,
    /// Messages stored, the server's own lines included.
    pub stored: u64,
    /// Conversations stored.
    pub conversations: u64,
    /// Conversations deleted.
    pub deleted: u64,
    /// Times one of them closed because nothing happened.
    pub closed_by_themselves: u64,
    /// Times one of them was opened again.
    pub reopened: u64,
    /// Those of them that follow one that was closed.
    pub followers: u64,
    /// Times one of them went on because its time had passed while the server was away.
    pub spared: u64,
    /// Readers judged.
    pub readers: u64,
    /// Messages readers were shown, each counted for each reader.
    pub sightings: u64,
}

impl Verdict {
    /// Counts a breach; `example` says what happened where.
    pub fn add(&mut self, breach: Breach, example: impl FnOnce() -> String) {
        let found = self.found_mut(breach);
        found.count += 1;
        if found.examples.len() < EXAMPLES {
            found.examples.push(example());
        }
    }

    /// How many of a kind.
    pub fn count(&self, breach: Breach) -> u64 {
        self.found(breach).count
    }

    /// How many in all.
    pub fn breaches(&self) -> u64 {
        Breach::ALL.iter().map(|breach| self.count(*breach)).sum()
    }

    /// An error with the counts and the first examples if anything is wrong.
    pub fn into_result(self) -> anyhow::Result<Self> {
        if self.breaches() == 0 { Ok(self) } else { Err(Outcome::Breach(self.to_string()).into()) }
    }

    /// Adds what another run, or another cycle of the same, found.
    pub fn absorb(&mut self, other: Verdict) {
        for breach in Breach::ALL {
            let (mine, theirs) = (self.found_mut(breach), other.found(breach));
            mine.count += theirs.count;
            let room = EXAMPLES.saturating_sub(mine.examples.len());
            mine.examples.extend(theirs.examples.iter().take(room).cloned());
        }
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.stored += other.stored;
        self.conversations += other.conversations;
        self.deleted += other.deleted;
        self.closed_by_themselves += other.closed_by_themselves;
        self.reopened += other.reopened;
        self.followers += other.followers;
        self.spared += other.spared;
        self.readers += other.readers;
        self.sightings += other.sightings;
    }

    fn found(&self, breach: Breach) -> &Found {
        match breach {
            Breach::Lost => &self.lost,
            Breach::Doubled => &self.doubled,
            Breach::Ghost => &self.ghost,
            Breach::Gap => &self.gap,
            Breach::Order => &self.order,
            Breach::Stale => &self.stale,
        }
    }

    fn found_mut(&mut self, breach: Breach) -> &mut Found {
        match breach {
            Breach::Lost => &mut self.lost,
            Breach::Doubled => &mut self.doubled,
            Breach::Ghost => &mut self.ghost,
            Breach::Gap => &mut self.gap,
            Breach::Order => &mut self.order,
            Breach::Stale => &mut self.stale,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = Breach::ALL.map(|breach| format!("{} {}", self.count(breach), breach.name()));
        writeln!(out, "{}", counts.join(", "))?;
        writeln!(
            out,
            "of {} acknowledged, {} refused, {} unknown; {} messages stored in {} conversations; {} readers with {} sightings",
            self.acknowledged,
            self.refused,
            self.unknown,
            self.stored,
            self.conversations,
            self.readers,
            self.sightings,
        )?;
        writeln!(
            out,
            "closed by themselves {}, spared {}, reopened {}, followed {}, deleted {}",
            self.closed_by_themselves, self.spared, self.reopened, self.followers, self.deleted,
        )?;
        for breach in Breach::ALL {
            for example in &self.found(breach).examples {
                writeln!(out, "{}: {example}", breach.name())?;
            }
        }
        Ok(())
    }
}
