//! Old copies of rows that SQLite leaves behind.
//!
//! `secure_delete` zeroes a row where it stands. Where rows were moved to another page before (a page was full, or two were
//! nearly empty), their old copies stay in the page's gap, between the list of its cells and the cells. Nobody reads a gap,
//! and nobody but us clears it.

use std::ops::Range;

use parlor_core::limits;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::error::OrStore;
use crate::store::StoreError;

/// Where a scan has come to.
pub(crate) struct Scanned {
    /// Pages with something in their gaps.
    pub(crate) dirty: Vec<u32>,
    /// Where the next step begins; `None` at the end.
    pub(crate) next: Option<u32>,
}

/// Looks at the gaps of `SCRUB_PAGES` pages, the first of them `from`.
pub(crate) fn scan(connection: &mut Connection, from: u32) -> Result<Scanned, StoreError> {
    let snapshot = connection.transaction_with_behavior(TransactionBehavior::Deferred).or_store()?;
    let count: u32 = snapshot.pragma_query_value(None, "page_count", |row| row.get(0)).or_store()?;
    if count >= limits::SCRUB_MOST_PAGES {
        return Err(StoreError::Content("a database of this size cannot be scrubbed".to_owned()));
    }
    let end = from.saturating_add(limits::SCRUB_PAGES).min(count.saturating_add(1));
    let mut dirty = Vec::new();
    for number in from..end {
        let page = read(&snapshot, number)?;
        if page.is_some_and(|page| gap(number, &page).is_some_and(|gap| is_dirty(&page[gap]))) {
            dirty.push(number);
        }
    }
    Ok(Scanned { dirty, next: (end <= count).then_some(end) })
}

/// Zeroes the gaps of these pages, as they are by now.
pub(crate) fn clear(connection: &mut Connection, pages: &[u32]) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sqlite_dbpage SET data = ?2 WHERE pgno = ?1";
    if pages.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    for number in pages {
        let Some(mut page) = read(&transaction, *number)? else { continue };
        let Some(gap) = gap(*number, &page).filter(|gap| is_dirty(&page[gap.clone()])) else { continue };
        page[gap].fill(0);
        transaction
            .prepare_cached(SQL)
            .and_then(|mut update| update.execute(params![number, page]))
            .or_store()?;
    }
    transaction.commit().or_store()
}

/// Both, where one connection does: answers with where the next step begins, `None` at the end.
pub(crate) fn step(connection: &mut Connection, from: u32) -> Result<Option<u32>, StoreError> {
    let scanned = scan(connection, from)?;
    clear(connection, &scanned.dirty)?;
    Ok(scanned.next)
}

fn read(connection: &Connection, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
    const SQL: &str = "SELECT data FROM sqlite_dbpage WHERE pgno = ?1";
    connection
        .prepare_cached(SQL)
        .and_then(|mut select| select.query_row([number], |row| row.get(0)).optional())
        .or_store()
}

fn is_dirty(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte != 0)
}

/// The unused bytes between a b-tree page's list of cells and its cells (SQLite's file format, section 1.6). Other pages
/// begin with the number of a page, whose first byte no b-tree page has below `SCRUB_MOST_PAGES`.
fn gap(number: u32, page: &[u8]) -> Option<Range<usize>> {
    let begin = if number == 1 { 100 } else { 0 };
    let header = page.get(begin..begin + 8)?;
    let header_bytes = match header[0] {
        2 | 5 => 12,
        10 | 13 => 8,
        _ => return None,
    };
    let two = |at: usize| usize::from(u16::from_be_bytes([header[at], header[at + 1]]));
    let cells = begin + header_bytes + 2 * two(3);
    let content = match two(5) {
        0 => 65_536,
        at => at,
    };
    (cells <= content && content <= page.len()).then_some(cells..content)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::store::sqlite::connection;

    fn traces(path: &std::path::Path, of: &BTreeSet<String>) -> usize {
        let bytes = std::fs::read(path).unwrap();
        bytes
            .windows(10)
            .filter(|w| w.starts_with(b"secret") && of.contains(&String::from_utf8_lossy(w).into_owned()))
            .count()
    }

    /// Rows grow and shrink until SQLite has moved many of them; what `secure_delete` leaves is in the gaps, and only there.
    #[test]
    fn what_secure_delete_leaves_is_cleared() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(connection::FILE);
        let mut writer = connection::open_writer(&path).unwrap();
        writer
            .execute_batch("PRAGMA synchronous = OFF; CREATE TABLE t (key INTEGER PRIMARY KEY, text)")
            .unwrap();
        let text = |key: u32, round: u32| {
            format!("secret{key:04} {}", "x".repeat((key * 37 + round * 211) as usize % 700))
        };
        for round in 0..6 {
            let step = writer.transaction().unwrap();
            for key in 0..2_000 {
                step.execute("INSERT OR REPLACE INTO t VALUES (?1, ?2)", params![key, text(key, round)])
                    .unwrap();
            }
            step.commit().unwrap();
        }
        let gone: BTreeSet<String> =
            (0..2_000).filter(|key| key % 3 != 0).map(|key| format!("secret{key:04}")).collect();
        writer.execute("DELETE FROM t WHERE key % 3 <> 0", []).unwrap();
        connection::empty_log(&writer).unwrap();
        assert!(traces(&path, &gone) > 0, "SQLite clears gaps by now, and this module can go");
        let mut next = Some(1);
        while let Some(from) = next {
            next = step(&mut writer, from).unwrap();
        }
        connection::empty_log(&writer).unwrap();
        assert_eq!(traces(&path, &gone), 0);
        let sound: String = writer.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        let left: u32 = writer.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!((sound.as_str(), left), ("ok", 667));
    }
}
