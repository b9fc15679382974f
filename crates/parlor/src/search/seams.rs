//! The beginnings of words that FTS5 keeps its pages apart by.
//!
//! For each page its index has as few letters of the page's first word as tell it from the word before (the table `_idx`).
//! They stay when the word is deleted. Here each of them is made one of the word that is first by now.

use parlor_core::limits;
use rusqlite::{Connection, TransactionBehavior, params};

use crate::store::StoreError;
use crate::store::sqlite::error::OrStore;

/// A place among the seams of a table: FTS5's segment, and letters in it.
pub(super) type Place = (i64, Vec<u8>);

struct Seam {
    at: Place,
    /// The page behind it; `None` when a merge has taken it away already.
    page: Option<Vec<u8>>,
}

/// Looks at `SCRUB_PAGES` seams behind a place, and says where it has come to; `None` at the end.
pub(super) fn mend(
    connection: &mut Connection,
    table: &str,
    after: &Place,
) -> Result<Option<Place>, StoreError> {
    let update = format!("UPDATE {table}_idx SET term = ?3 WHERE segid = ?1 AND term = ?2");
    let delete = format!("DELETE FROM {table}_idx WHERE segid = ?1 AND term = ?2");
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    let seams = read(&transaction, table, after)?;
    for Seam { at: (segment, letters), page } in &seams {
        match page {
            // FTS5 reads from the segment's first page on.
            None => transaction.execute(&delete, params![segment, letters]).or_store()?,
            Some(page) => match first_word(page).and_then(|word| mended(letters, word)) {
                Some(mended) => transaction.execute(&update, params![segment, letters, mended]).or_store()?,
                None => 0,
            },
        };
    }
    transaction.commit().or_store()?;
    let is_all = seams.len() < limits::SCRUB_PAGES as usize;
    Ok(seams.into_iter().last().filter(|_| !is_all).map(|seam| seam.at))
}

fn read(connection: &Connection, table: &str, after: &Place) -> Result<Vec<Seam>, StoreError> {
    // FTS5 numbers a page by its segment, then 37 bits of which the lower ones are its place there.
    let sql = format!(
        "SELECT i.segid, i.term, d.block FROM {table}_idx i LEFT JOIN {table}_data d \
         ON d.id = (i.segid << 37) + (i.pgno >> 1) \
         WHERE (i.segid, i.term) > (?1, ?2) ORDER BY i.segid, i.term LIMIT ?3"
    );
    let mut statement = connection.prepare(&sql).or_store()?;
    statement
        .query_map(params![after.0, after.1, limits::SCRUB_PAGES], |row| {
            Ok(Seam { at: (row.get(0)?, row.get(1)?), page: row.get(2)? })
        })
        .and_then(Iterator::collect)
        .or_store()
}

/// What takes the place of `letters` before a page that begins with `word`; `None` when they are its own. All words before
/// the page are below `letters`, so whatever is above them and not above `word` will do.
fn mended<'a>(letters: &[u8], word: &'a [u8]) -> Option<&'a [u8]> {
    if word.starts_with(letters) || word < letters {
        return None;
    }
    let same = word.iter().zip(letters).take_while(|(a, b)| a == b).count();
    Some(&word[..=same])
}

/// A page of FTS5's: where its footer begins is in its third and fourth byte, where its first word begins is the first number
/// of the footer; there stands the word's length, and the word. `None` when no word begins on the page.
fn first_word(page: &[u8]) -> Option<&[u8]> {
    let footer = usize::from(u16::from_be_bytes([*page.get(2)?, *page.get(3)?]));
    let (begin, _) = number(page.get(footer..)?)?;
    let rest = page.get(begin..footer)?;
    let (length, bytes) = number(rest)?;
    rest.get(bytes..bytes + length)
}

/// A number as SQLite writes it, seven bits a byte, and the bytes it takes. None here is larger than a page.
fn number(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (place, byte) in bytes.iter().enumerate().take(4) {
        value = value << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, place + 1));
        }
    }
    None
}
