//! A backup on its way into a data directory whose server runs: a file beside the database that grows from its front.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use parlor_core::limits;

use super::connection::create_file;
use super::error::of_io;
use super::room::Room;
use crate::store::StoreError;

/// In the data directory while a backup is sent there, and until it was restored.
const INCOMING: &str = "incoming";

/// See the module.
#[derive(Debug, Clone)]
pub struct Incoming {
    dir: PathBuf,
}

impl Incoming {
    /// Of a data directory that the caller has locked.
    #[must_use]
    pub fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Where the file is.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.dir.join(INCOMING)
    }

    /// How many bytes are there.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        fs::metadata(self.file()).map_or(0, |file| file.len())
    }

    /// Adds what comes next; a part at the front begins anew.
    pub fn add(&self, at: u64, part: &[u8]) -> Result<(), StoreError> {
        // The conversations that are there need room to go on, and a restore as much again as the backup.
        let needs = part.len() as u64 + limits::BALLAST_BYTES + limits::ROOM_BYTES;
        if Room::of(&self.dir).free() < needs {
            return Err(StoreError::Full("there is no room for the backup".to_owned()));
        }
        if at == 0 {
            self.clear()?;
        }
        create_file(&self.file())?;
        let written = File::options().write(true).open(self.file()).and_then(|mut file| {
            file.seek(SeekFrom::Start(at))?;
            file.write_all(part)
        });
        written.map_err(|error| of_io("writing the backup", &error))
    }

    /// Takes the file away: it holds everything its backup does. Of one with a log SQLite leaves files beside it.
    pub fn clear(&self) -> Result<(), StoreError> {
        for suffix in ["", "-wal", "-shm"] {
            match fs::remove_file(self.dir.join(format!("{INCOMING}{suffix}"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(of_io("removing a backup that was sent", &error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
