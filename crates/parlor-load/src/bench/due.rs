//! Many conversations that fall due at once among many more, and somebody who posts meanwhile: what is due is done at its
//! bounded rate, once, and the sender does not feel it.

use std::cell::RefCell;
use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;
use parlor_core::time::Timestamp;
use serde_json::json;
use tokio::time::sleep;

use super::Lab;
use super::import::{MESSAGES, Row, import};
use super::traffic::Traffic;
use crate::http::{Api, Connection};
use crate::machine::Steal;
use crate::pace::{self, Schedule};
use crate::report::{Figure, Goal, Sample, Unit};
use crate::server::{Launch, Server};
use crate::settings;

/// Conversations that are posted to.
const ROOMS: usize = 50;
/// Connections the posts go out on.
const SENDERS: usize = 16;
/// Runs at most: each needs conversations of its own.
const ROUNDS: usize = 3;
/// Between two looks at how many are still open.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Conversations a second that a change of the settings certainly reaches.
const REDATED_PER_S: usize = 4_000;
/// Conversations a second that an import certainly takes in: so much earlier than one of them another may fall due.
const IMPORTED_PER_S: usize = 1_000;
/// Seconds for everything else before they fall due.
const LEAD_S: usize = 60;
/// Closes a second below which something is wrong.
const LEAST_PER_S: usize = 250;

/// What one run showed.
struct Run {
    quiet: Histogram<u64>,
    busy: Histogram<u64>,
    closes_per_s: f64,
}

pub async fn run(lab: &Lab) -> anyhow::Result<Vec<Figure>> {
    let rounds = lab.rounds.min(ROUNDS);
    let launch = filled(lab, rounds).await?;
    // What is closed falls due no second time.
    fs::remove_file(launch.data.with_extension("filled"))?;
    let server = launch.start().await?;
    // The search index of a new import.
    server.settle().await?;
    let traffic = RefCell::new(Traffic::prepare(&server, ROOMS).await?);
    let mut samples = Vec::new();
    for round in 0..rounds {
        let before = Steal::now()?;
        let value = one(lab, &server, &traffic, round).await.with_context(|| format!("round {round}"))?;
        let sample = Sample { value, steal: before.percent_until(Steal::now()?) };
        let p99 = |h: &Histogram<u64>| h.value_at_quantile(0.99);
        let Run { quiet, busy, closes_per_s } = &sample.value;
        eprintln!("due, round {round}: p99 {} and {} µs, {closes_per_s:.0} closes/s", p99(quiet), p99(busy));
        samples.push(sample);
    }
    server.stop().await?;
    Ok(figures(lab, &samples))
}

fn figures(lab: &Lab, samples: &[Sample<Run>]) -> Vec<Figure> {
    let [due, size] = lab.due;
    let mut figures = Vec::new();
    let rate = lab.rate;
    for (word, quantile) in [("p50", 0.5), ("p99", 0.99)] {
        let millis = |h: &Histogram<u64>| h.value_at_quantile(quantile) as f64 / 1e3;
        let values = |part: fn(&Run) -> &Histogram<u64>| -> Vec<Sample<f64>> {
            samples.iter().map(|sample| sample.map(|run| millis(part(run)))).collect()
        };
        let (quiet, busy) = (values(|run| &run.quiet), values(|run| &run.busy));
        let ratios: Vec<_> = quiet
            .iter()
            .zip(&busy)
            .map(|(q, b)| Sample { value: b.value / q.value, steal: b.steal })
            .collect();
        let name =
            |what: &str| format!("POST to answer at {rate}/s among {size} conversations, {what}, {word}");
        figures.push(Figure::of(name("quiet"), Unit::Millis, &quiet));
        figures.push(Figure::of(name(&format!("while {due} close")), Unit::Millis, &busy));
        let ratio = Figure::of(name(&format!("while {due} close over quiet")), Unit::Times, &ratios);
        figures.push(if word == "p99" { ratio.with_goal(Goal::AtMost(2.0)) } else { ratio });
    }
    let rates: Vec<_> = samples.iter().map(|sample| sample.map(|run| run.closes_per_s)).collect();
    figures.push(Figure::of(format!("closes of a pile of {due}"), Unit::PerSecond, &rates));
    figures
}

async fn one(lab: &Lab, server: &Server, traffic: &RefCell<Traffic>, round: usize) -> anyhow::Result<Run> {
    let [due, size] = lab.due;
    let admin = server.api("admin")?;
    let lead_s = size / REDATED_PER_S + due / IMPORTED_PER_S + LEAD_S;
    let lead = Duration::from_secs(lead_s as u64 + u64::from(lab.seconds));
    server.settle().await?;
    set(&admin, lab, Some((round, idle_s(&admin, round, lead).await?))).await?;
    server.settle().await?;
    eprintln!("due, round {round}: posting while nothing is due");
    let quiet = posts(lab, traffic).await?;
    ensure!(open(&admin, round).await? == due, "they fell due before the quiet run was over");
    eprintln!(
        "due, round {round}: waiting until {due} fall due, about {lead_s} s from the change of the settings"
    );
    let patience = Instant::now() + 2 * lead;
    while open(&admin, round).await? == due {
        ensure!(Instant::now() < patience, "nothing falls due");
        sleep(LOOK_EVERY).await;
    }
    eprintln!("due, round {round}: posting while they close");
    let begin = Instant::now();
    let busy = posts(lab, traffic).await?;
    eprintln!("due, round {round}: waiting until the last of them is closed");
    let patience = Instant::now() + Duration::from_secs((due / LEAST_PER_S + LEAD_S) as u64);
    while open(&admin, round).await? > 0 {
        ensure!(Instant::now() < patience, "some of what is due is not done");
        sleep(LOOK_EVERY).await;
    }
    let closes_per_s = due as f64 / begin.elapsed().as_secs_f64();
    once(&admin, round, due).await?;
    Ok(Run { quiet, busy, closes_per_s })
}

async fn posts(lab: &Lab, traffic: &RefCell<Traffic>) -> anyhow::Result<Histogram<u64>> {
    let address = traffic.borrow().api.address;
    let mut senders = Connection::open_many(address, SENDERS).await?;
    let schedule = Schedule::new(lab.rate, lab.rate as usize * lab.seconds as usize);
    pace::open(&mut senders, schedule, traffic).await
}

/// Each is closed, with one line about it and no more.
async fn once(admin: &Api, round: usize, due: usize) -> anyhow::Result<()> {
    let path = format!(
        "/conversations?funnelId=due-{round}&status=closed&sortBy=most_messages&messages=0&limit=100"
    );
    let list = admin.ask("GET", &path, None).await?;
    ensure!(list["total"] == due, "{} are closed, not {due}", list["total"]);
    let counts = list["conversations"].as_array().context("no list")?.iter().map(|c| &c["messageCount"]);
    for count in counts {
        ensure!(*count == MESSAGES + 1, "a conversation of {MESSAGES} messages has {count} after its close");
    }
    Ok(())
}

async fn open(admin: &Api, round: usize) -> anyhow::Result<usize> {
    let path = format!("/conversations?funnelId=due-{round}&status=open&messages=0&limit=1");
    let list = admin.ask("GET", &path, None).await?;
    let total = list["total"].as_u64().context("no total")?;
    Ok(usize::try_from(total)?)
}

/// How long a timer has to be that was started by the import, to be over in `lead`.
async fn idle_s(admin: &Api, round: usize, lead: Duration) -> anyhow::Result<u64> {
    let path = format!("/conversations?funnelId=due-{round}&messages=0&limit=1");
    let list = admin.ask("GET", &path, None).await?;
    let made = list["conversations"][0]["createdAt"]
        .as_str()
        .and_then(Timestamp::parse)
        .context("no conversation")?;
    let now_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let age_s = u64::try_from(Timestamp(now_ms).since_ms(made) / 1000)?;
    Ok(age_s + lead.as_secs())
}

/// The timers of the funnels that fall due are off, but for one; waits until every conversation has it.
async fn set(admin: &Api, lab: &Lab, one: Option<(usize, u64)>) -> anyhow::Result<()> {
    let timer = |round: usize| match one {
        Some((due, idle_s)) if due == round => json!({ "botIdleS": idle_s }),
        _ => json!({ "botIdleS": "off" }),
    };
    let funnels: serde_json::Map<_, _> =
        (0..lab.rounds.min(ROUNDS)).map(|round| (format!("due-{round}"), timer(round))).collect();
    settings::put(admin, &json!({ "inboxes": { "default": {} }, "funnels": funnels })).await
}

/// A data directory with everything that falls due in the runs, and the rest; kept until it was used.
async fn filled(lab: &Lab, rounds: usize) -> anyhow::Result<Launch> {
    let [due, size] = lab.due;
    ensure!(due * rounds <= size, "{rounds} runs of {due} are more than {size} conversations");
    let data = lab.data.join("due");
    let (mark, wanted) = (data.with_extension("filled"), format!("{due} {size} {rounds}"));
    if fs::read_to_string(&mark).is_ok_and(|is| is == wanted) && data.exists() {
        return Ok(Launch::new(&lab.binary, data));
    }
    eprintln!("due: importing {size} conversations of {MESSAGES} messages");
    let launch = lab.fresh("due")?;
    let server = launch.start().await?;
    set(&server.api("admin")?, lab, None).await?;
    server.stop().await?;
    import(launch.command(), size, |i| row(i, due, rounds))?;
    fs::write(&mark, wanted)?;
    Ok(launch)
}

/// A conversation with the bot that falls due in a run, or one of the history.
fn row(i: usize, due: usize, rounds: usize) -> Row {
    match i / due {
        round if round < rounds => {
            Row { funnel: format!("due-{round}"), status: "open", handler: Some("bot") }
        }
        _ => Row { funnel: format!("funnel-{}", i % 20), status: "closed", handler: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_falls_due_in_a_run_is_open_and_the_rest_is_history() {
        let rows = [0, 9, 10, 20].map(|i| row(i, 10, 2));
        let open = rows.each_ref().map(|row| (row.funnel.as_str(), row.status));
        let expected = [("due-0", "open"), ("due-0", "open"), ("due-1", "open"), ("funnel-0", "closed")];
        assert_eq!(open, expected);
    }
}
