//! What takes a few lines of C: compiled where it is needed, with the machine's own compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// Some C, and how it is called.
#[derive(Debug, Clone, Copy)]
pub struct Shim {
    name: &'static str,
    source: &'static str,
    is_library: bool,
}

/// Makes the disk slow for the process it is preloaded into.
pub const SLOW_DISK: Shim =
    Shim { name: "slow_disk", source: include_str!("../shim/slow_disk.c"), is_library: true };
/// A program that cuts the power of a file system.
pub const CUT_POWER: Shim =
    Shim { name: "cut_power", source: include_str!("../shim/cut_power.c"), is_library: false };

/// Makes the disk unreliable for the process it is preloaded into.
pub const FAULTY_DISK: Shim =
    Shim { name: "faulty_disk", source: include_str!("../shim/faulty_disk.c"), is_library: true };

impl Shim {
    /// Compiles it into `directory`; where it then is.
    pub fn build(self, directory: &Path) -> anyhow::Result<PathBuf> {
        let (source, mut built) = (directory.join(self.name).with_extension("c"), directory.join(self.name));
        if self.is_library {
            built.set_extension("so");
        }
        fs::write(&source, self.source).with_context(|| format!("cannot write {}", source.display()))?;
        let mut cc = Command::new("cc");
        cc.args(["-O2", "-o"]).args([&built, &source]);
        if self.is_library {
            cc.args(["-shared", "-fPIC", "-ldl"]);
        }
        ensure!(cc.status().context("cannot run cc")?.success(), "cc cannot build {}", source.display());
        Ok(built)
    }
}
