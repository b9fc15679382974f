//! What `/proc` says: the server's CPU and memory, and the CPU time a hypervisor took from all of us.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

/// CPU time of the whole machine in clock ticks.
#[derive(Debug, Clone, Copy)]
pub struct Steal {
    total: u64,
    stolen: u64,
}

impl Steal {
    /// The counters now.
    pub fn now() -> anyhow::Result<Self> {
        let stat = fs::read_to_string("/proc/stat").context("cannot read /proc/stat")?;
        Self::parse(&stat).context("/proc/stat has no cpu line")
    }

    fn parse(stat: &str) -> Option<Self> {
        let fields = stat.lines().next()?.strip_prefix("cpu ")?;
        // user nice system idle iowait irq softirq steal; guest time is inside user.
        let ticks: Vec<u64> = fields.split_whitespace().take(8).map_while(|f| f.parse().ok()).collect();
        Some(Steal { total: ticks.iter().sum(), stolen: *ticks.get(7)? })
    }

    /// Percent of the machine's CPU time taken since `self`.
    pub fn percent_until(self, later: Steal) -> f64 {
        let total = later.total.saturating_sub(self.total).max(1);
        100.0 * later.stolen.saturating_sub(self.stolen) as f64 / total as f64
    }
}

/// CPU time process `pid` has used, all threads, user and system.
pub fn cpu_time(pid: u32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the server is gone")?;
    let ticks = cpu_ticks(&stat).context("cannot read /proc/<pid>/stat")?;
    let micros = ticks * 1_000_000 / rustix::param::clock_ticks_per_second();
    Ok(Duration::from_micros(micros))
}

fn cpu_ticks(stat: &str) -> Option<u64> {
    // The name in parentheses may hold anything; what follows it starts with field 3.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

/// Whether every thread of a stopped process `pid` has stopped, or is in the system and will stop before it is back.
pub fn is_frozen(pid: u32) -> anyhow::Result<bool> {
    for thread in fs::read_dir(format!("/proc/{pid}/task")).context("the server is gone")? {
        let stat =
            fs::read_to_string(thread?.path().join("stat")).context("a thread of the server is gone")?;
        match thread_state(&stat) {
            Some("T" | "D") => {}
            Some("Z" | "X") => bail!("the server had ended before it was stopped"),
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn thread_state(stat: &str) -> Option<&str> {
    stat.rsplit_once(')')?.1.split_whitespace().next()
}

/// Resident memory of process `pid` in KiB.
pub fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the server is gone")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// Refuses a directory that is memory: a sync there costs nothing and a benchmark of it means nothing.
pub fn require_disk(directory: &Path) -> anyhow::Result<()> {
    let directory = fs::canonicalize(directory)?;
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    let kind = file_system(&mounts, &directory).unwrap_or_default();
    let in_memory = matches!(kind, "tmpfs" | "ramfs" | "devtmpfs");
    ensure!(!in_memory, "{} is {kind}; name a directory on a disk with --data", directory.display());
    Ok(())
}

fn file_system<'a>(mounts: &'a str, directory: &Path) -> Option<&'a str> {
    let mount = |line: &'a str| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    };
    let holding = mounts.lines().filter_map(mount).filter(|(point, _)| directory.starts_with(point));
    holding.max_by_key(|(point, _)| point.len()).map(|(_, kind)| kind)
}

/// Lets this process and the servers it starts open as many files as the system allows.
pub fn raise_file_limit() -> anyhow::Result<()> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).context("cannot raise the limit of open files")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steal_is_a_share_of_all_time() {
        let before = Steal::parse("cpu  10 0 10 70 0 0 0 10 5 0\ncpu0 …").unwrap();
        let after = Steal::parse("cpu  60 0 10 110 0 0 0 20 5 0\n").unwrap();
        assert!((before.percent_until(after) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn cpu_ticks_survive_a_hostile_name() {
        let stat = "42 (a) b) S 1 1 1 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 9 0 1 1 1";
        assert_eq!(cpu_ticks(stat), Some(300));
        assert_eq!(thread_state(stat), Some("S"));
    }

    #[test]
    fn the_deepest_mount_holds_a_directory() {
        let mounts = "/dev/vda / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\n";
        assert_eq!(file_system(mounts, Path::new("/dev/shm/x")), Some("tmpfs"));
        assert_eq!(file_system(mounts, Path::new("/dev/shmx")), Some("ext4"));
    }
}
