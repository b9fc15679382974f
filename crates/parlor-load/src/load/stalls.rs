//! F: readers of the inbox, some of whom stop reading for longer than the server queues for them, and the same without those,
//! in turns: what the others see must not come much later beside them.

use super::{Found, Plan, one_run};
use crate::judge::Verdict;
use crate::machine::Steal;
use crate::report::{Figure, Goal, Sample, Unit};
use crate::stage::{Stage, count};

/// One reader in this many is a stalled one.
const SHARE: usize = 100;
/// How much later the others may be served beside them.
const RATIO: f64 = 1.5;

/// What the turns showed so far.
#[derive(Default)]
struct Turns {
    /// Milliseconds within which 99 of 100 summaries are with a reader who does not stall: without stalled ones, and
    /// beside them.
    p99: [Vec<Sample<f64>>; 2],
    /// Summaries that stalled readers were not shown, the newest excepted.
    skipped: u64,
    verdict: Verdict,
}

/// Runs both sides `turns` times. Any breach is an error.
pub(super) async fn run(stage: &mut Stage, plan: Plan, turns: u32) -> anyhow::Result<Vec<Figure>> {
    let stalled = plan.readers.div_ceil(SHARE);
    let mut seen = Turns::default();
    for turn in 1..=turns {
        // In alternating order, so that what warms up or drifts favours neither.
        let sides = if turn.is_multiple_of(2) { [1, 0] } else { [0, 1] };
        for side in sides {
            seen.take(stage, Plan { stalled: stalled * side, ..plan }, side).await?;
        }
        let [without, beside] =
            seen.p99.each_ref().map(|side| side.last().map_or(0.0, |sample| sample.value));
        eprintln!(
            "F: turn {turn} of {turns}: p99 {without:.2} ms without stalled readers, {beside:.2} ms beside them"
        );
    }
    seen.verdict.clone().into_result()?;
    Ok(seen.figures(plan, stalled))
}

impl Turns {
    async fn take(&mut self, stage: &mut Stage, plan: Plan, side: usize) -> anyhow::Result<()> {
        let before = Steal::now()?;
        let Found { world, verdict } = one_run(stage, plan).await?;
        let value = world.arrivals.borrow().value_at_quantile(0.99) as f64 / 1e3;
        self.p99[side].push(Sample { value, steal: before.percent_until(Steal::now()?) });
        self.skipped += world.tally.skipped.get() * side as u64;
        self.verdict.absorb(verdict);
        Ok(())
    }

    fn figures(&self, plan: Plan, stalled: usize) -> Vec<Figure> {
        let [without, beside] = &self.p99;
        let ratio = |(without, beside): (&Sample<f64>, &Sample<f64>)| Sample {
            value: beside.value / without.value,
            steal: without.steal.max(beside.steal),
        };
        let ratios: Vec<_> = without.iter().zip(beside).map(ratio).collect();
        let inboxes = format!("POST to {} inboxes at {}/s", plan.readers, plan.rate);
        let skipped = count(format!("{inboxes}, summaries passed over for the stalled"), self.skipped);
        vec![
            Figure::of(format!("{inboxes}, p99 without stalled readers"), Unit::Millis, without),
            Figure::of(
                format!("{inboxes}, p99 of the others beside {stalled} stalled"),
                Unit::Millis,
                beside,
            ),
            Figure::of(format!("{inboxes}, p99 beside {stalled} stalled over without"), Unit::Times, &ratios)
                .with_goal(Goal::AtMost(RATIO)),
            // Without any, nobody stalled for longer than the server queues.
            skipped.with_goal(Goal::AtLeast(1.0)),
        ]
    }
}
