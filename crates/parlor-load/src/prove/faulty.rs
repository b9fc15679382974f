//! A disk that fails when told to, and forgets what a failed sync should have written; see `shim/faulty_disk.c`.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::server::Launch;
use crate::shim;

/// For ever.
pub const ALL: u64 = u64::MAX;

/// What fails, counted from the next call on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Syncs fail with EIO: the n-th and so many in all.
    Sync { nth: u64, many: u64 },
    /// Writes fail with ENOSPC; the first may write half of it.
    Write { nth: u64, many: u64, is_short: bool },
    /// The process is killed in the n-th sync, after the writes before it.
    Kill { nth: u64 },
}

/// Where each number of the plan stands in its file: see `struct plan`.
#[derive(Debug, Clone, Copy)]
enum Place {
    Syncs,
    SyncFailsFrom,
    SyncFails,
    Writes,
    WriteFailsFrom,
    WriteFails,
    WriteIsShort,
    SyncKills,
    Faults,
}

/// The disk under one data directory.
#[derive(Debug)]
pub struct FaultyDisk {
    data: PathBuf,
    library: PathBuf,
    plan_path: PathBuf,
    plan: File,
    platter: PathBuf,
}

impl FaultyDisk {
    /// The disk under `data`, which nobody has open and which is on it as it stands. Its own files go to `directory`.
    pub fn under(data: &Path, directory: &Path) -> anyhow::Result<Self> {
        let platter = directory.join("platter");
        if platter.exists() {
            fs::remove_dir_all(&platter)?;
        }
        fs::create_dir_all(&platter).with_context(|| format!("cannot make {}", platter.display()))?;
        let plan_path = directory.join("plan");
        fs::write(&plan_path, [0; 9 * 8])?;
        let plan = File::options().read(true).write(true).open(&plan_path)?;
        let library = shim::FAULTY_DISK.build(directory)?;
        for entry in fs::read_dir(data)? {
            let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
            fs::copy(path, platter.join(name).with_added_extension("platter"))?;
        }
        Ok(FaultyDisk { data: data.to_owned(), library, plan_path, plan, platter })
    }

    /// Puts the server on it.
    pub fn carry(&self, launch: Launch) -> Launch {
        launch
            .with("LD_PRELOAD", self.library.to_string_lossy())
            .with("FAULTY_DISK_OF", self.data.to_string_lossy())
            .with("FAULTY_DISK_PLAN", self.plan_path.to_string_lossy())
            .with("FAULTY_DISK_PLATTER", self.platter.to_string_lossy())
    }

    /// Plans a fault.
    pub fn plan(&self, fault: Fault) -> anyhow::Result<()> {
        self.heal()?;
        match fault {
            Fault::Sync { nth, many } => {
                self.set(Place::SyncFails, many)?;
                self.arm(Place::SyncFailsFrom, Place::Syncs, nth)
            }
            Fault::Write { nth, many, is_short } => {
                self.set(Place::WriteFails, many)?;
                self.set(Place::WriteIsShort, u64::from(is_short))?;
                self.arm(Place::WriteFailsFrom, Place::Writes, nth)
            }
            Fault::Kill { nth } => self.arm(Place::SyncKills, Place::Syncs, nth),
        }
    }

    /// Plans for the `nth` call from now on; again, should that one have come before it heard of the plan.
    fn arm(&self, plan: Place, calls: Place, nth: u64) -> anyhow::Result<()> {
        loop {
            let call = self.get(calls)? + nth;
            self.set(plan, call)?;
            if self.get(calls)? < call || self.faults()? > 0 {
                return Ok(());
            }
        }
    }

    /// Nothing fails from now on.
    pub fn heal(&self) -> anyhow::Result<()> {
        for place in [Place::SyncFailsFrom, Place::WriteFailsFrom, Place::SyncKills, Place::Faults] {
            self.set(place, 0)?;
        }
        Ok(())
    }

    /// Calls that failed since the last plan.
    pub fn faults(&self) -> anyhow::Result<u64> {
        self.get(Place::Faults)
    }

    /// The power was cut: the files are what the disk has of them. Nobody may have them open.
    pub fn lose_power(&self) -> anyhow::Result<()> {
        for entry in fs::read_dir(&self.data)? {
            let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
            let kept = self.platter.join(&name).with_added_extension("platter");
            if kept.exists() {
                fs::copy(kept, path)?;
            } else {
                fs::remove_file(path)?;
            }
            let pages = self.platter.join(name).with_added_extension("pages");
            if pages.exists() {
                fs::remove_file(pages)?;
            }
        }
        Ok(())
    }

    fn get(&self, place: Place) -> anyhow::Result<u64> {
        let mut number = [0; 8];
        self.plan.read_exact_at(&mut number, place as u64 * 8)?;
        Ok(u64::from_ne_bytes(number))
    }

    fn set(&self, place: Place, number: u64) -> anyhow::Result<()> {
        Ok(self.plan.write_all_at(&number.to_ne_bytes(), place as u64 * 8)?)
    }
}
