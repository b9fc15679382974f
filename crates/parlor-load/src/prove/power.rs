//! A disk whose power can be cut: an ext4 file system in a file of its own, shut down without its log (hostile to what was
//! not synced, true to what was), unmounted and mounted again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::time::sleep;

use crate::outcome::Outcome;
use crate::shim;

/// Room for a round of messages; the file is as large as what is in it.
const BYTES: u64 = 1024 * 1024 * 1024;
/// Tries to mount it anew before it is an error: a process that was killed a moment ago may still hold it.
const REMOUNT_TRIES: u32 = 1_200;
const REMOUNT_WAIT: Duration = Duration::from_millis(50);

/// A mounted file system; unmounted when dropped.
#[derive(Debug)]
pub struct Disk {
    image: PathBuf,
    mount: PathBuf,
    cutter: PathBuf,
}

impl Disk {
    /// An empty one in `directory`. Where mounting is not possible, the error is [`Outcome::CannotRun`].
    pub fn new(directory: &Path) -> anyhow::Result<Self> {
        let cannot = |error: anyhow::Error| Outcome::CannotRun(format!("{error:#}"));
        if !rustix::process::geteuid().is_root() {
            return Err(Outcome::CannotRun("only root may mount a file system".to_owned()).into());
        }
        fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let cutter = shim::CUT_POWER.build(directory).map_err(cannot)?;
        let disk = Disk { image: directory.join("disk.img"), mount: directory.join("disk"), cutter };
        // Of a run that was killed itself.
        disk.unmount_lazily();
        fs::create_dir_all(&disk.mount)?;
        File::create(&disk.image)?.set_len(BYTES)?;
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&disk.image)).map_err(cannot)?;
        disk.mount().map_err(cannot)?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub fn directory(&self) -> &Path {
        &self.mount
    }

    /// From now on nothing reaches it.
    pub fn cut(&self) -> anyhow::Result<()> {
        let cut = run(Command::new(&self.cutter).arg(&self.mount));
        cut.map_err(|error| Outcome::CannotRun(format!("{error:#}")).into())
    }

    /// The power is back, and everybody who had it open is gone.
    pub async fn restore(&self) -> anyhow::Result<()> {
        let mut tries = 1;
        while let Err(error) = self.remount() {
            ensure!(tries < REMOUNT_TRIES, "{error:#}");
            tries += 1;
            sleep(REMOUNT_WAIT).await;
        }
        Ok(())
    }

    fn remount(&self) -> anyhow::Result<()> {
        run(Command::new("umount").arg(&self.mount))?;
        self.mount()?;
        // Whoever has copied the mounts, for a sandbox for example, keeps the old one alive, and then that is mounted again.
        let probe = self.mount.join("probe");
        File::create(&probe)
            .and_then(|_| fs::remove_file(&probe))
            .context("it is mounted as it was, without power")
    }

    fn mount(&self) -> anyhow::Result<()> {
        run(Command::new("mount").args(["-o", "loop"]).args([&self.image, &self.mount]))
    }

    /// Also where somebody still holds it.
    fn unmount_lazily(&self) {
        // Fails where nothing is mounted, which is what is wanted.
        let _ = Command::new("umount").arg("--lazy").arg(&self.mount).output();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.unmount_lazily();
        let _ = fs::remove_file(&self.image);
    }
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let Output { status, stderr, .. } = command.output().with_context(|| format!("cannot run {name}"))?;
    ensure!(status.success(), "{name} failed: {}", String::from_utf8_lossy(&stderr).trim());
    Ok(())
}
