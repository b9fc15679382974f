//! A data directory that must be in order when its test ends.

use std::path::{Path, PathBuf};

use parlor::search;
use parlor::store::sqlite::SqliteStore;
use parlor::store::sqlite::check::{Check, Listener};
use parlor_core::invariant::Breach;

/// What a check says.
#[derive(Debug, Default)]
pub struct Report {
    pub breaches: Vec<Breach>,
    pub notes: Vec<String>,
}

impl Listener for Report {
    fn step(&mut self, _: &str, _: u64, _: u64) {}

    fn breach(&mut self, breach: Breach) {
        self.breaches.push(breach);
    }

    fn note(&mut self, text: String) {
        self.notes.push(text);
    }
}

/// What `parlor check` finds.
pub fn checked(path: &Path) -> Report {
    let mut report = Report::default();
    let mut check = Check::open(path).unwrap();
    if check.database(&mut report).unwrap().is_some() {
        search::check(&mut check, path, &mut report).unwrap();
    }
    report
}

/// Whatever a test did to the store in it, `parlor check` finds nothing wrong.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    /// Kept until the test ends, when it is ours.
    _made: Option<tempfile::TempDir>,
}

impl DataDirectory {
    pub fn new() -> Self {
        let made = tempfile::tempdir().unwrap();
        Self { path: made.path().to_owned(), _made: Some(made) }
    }

    /// Somebody else's.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), _made: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.path.join(SqliteStore::FILE).exists() {
            assert_eq!(checked(&self.path).breaches, []);
        }
    }
}
