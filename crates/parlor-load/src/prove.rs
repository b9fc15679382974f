//! The proofs: what is promised, under what usually breaks promises, judged to the last message.

mod busy;
mod crash;
mod disk;
mod faulty;
mod power;
mod quiet;
mod storm;

use anyhow::Context;
use clap::ValueEnum;

use self::crash::Crash;
use crate::outcome::Outcome;
use crate::server::Launch;
use crate::stage::Common;

/// What to prove and how long.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What is done to the server.
    proof: Proof,
    /// The short form, for every test run.
    #[arg(long)]
    quick: bool,
    /// How often, in place of the long or short form's; of a storm, how many sockets.
    #[arg(long)]
    cycles: Option<u32>,
    #[command(flatten)]
    common: Common,
}

/// What breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Proof {
    /// The process: SIGKILL under load and a restart, again and again.
    Kill,
    /// The disk: its power is cut under load, again and again. Needs root.
    Power,
    /// The disk again: its syncs fail, it is full, and what was not synced is gone after a restart.
    Disk,
    /// The network: every socket is cut at once while messages keep coming.
    Storm,
}

/// Runs a proof. An error is a breach, or that the proof could not be led.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let Options { proof, quick, cycles, common } = options;
    let name = proof.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
    let often = |long, short| cycles.unwrap_or(if quick { short } else { long });
    let command = format!("make prove-{name}");
    common
        .run(&name, &command, async |stage| match proof {
            Proof::Kill => crash::run(stage, Crash::Kill, often(200, 5)).await,
            Proof::Power => crash::run(stage, Crash::Power, often(100, 3)).await,
            Proof::Disk => disk::run(stage, often(300, 10)).await,
            Proof::Storm => storm::run(stage, often(10_000, 300) as usize, !quick).await,
        })
        .await
}

/// Lets the server's own check look at what a stopped server left.
fn check(launch: &Launch) -> anyhow::Result<()> {
    let output = launch.command().arg("check").output().context("cannot run parlor check")?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        return Err(Outcome::Breach(format!("parlor check found: {}", String::from_utf8_lossy(&said))).into());
    }
    Ok(())
}
