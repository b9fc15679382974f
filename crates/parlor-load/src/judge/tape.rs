//! The journal as a file: one line for each note, for reading after a breach.

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;

/// Where notes go besides memory; nowhere unless a file was named.
#[derive(Debug, Default)]
pub struct Tape {
    file: Option<BufWriter<File>>,
    failed: bool,
}

impl Tape {
    /// Writes to `path`, which is emptied first.
    pub fn to(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Tape { file: Some(BufWriter::new(file)), failed: false })
    }

    /// Adds a line. A full disk must not end the run it is here to explain: the error is told at the end.
    pub fn note(&mut self, line: fmt::Arguments<'_>) {
        if let Some(file) = &mut self.file {
            self.failed |= writeln!(file, "{line}").is_err();
        }
    }

    /// Writes what is buffered.
    pub fn finish(&mut self) -> anyhow::Result<()> {
        if let Some(file) = &mut self.file {
            self.failed |= file.flush().is_err();
        }
        anyhow::ensure!(!self.failed, "the journal's file could not be written whole");
        Ok(())
    }
}
