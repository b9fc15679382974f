//! The rows of a page, in order.

use parlor_core::conversation::Status;
use rusqlite::{Connection, Rows};

use super::Place;
use super::filter::{By, Filter, Sql};
use crate::store::sqlite::error::OrStore;
use crate::store::{PageStart, Sort, StoreError};

/// Along an index that is in order within status and archive. A list over several of those is a merge of as many walks,
/// so that it costs what its page costs, not what the inbox holds.
pub(super) fn walk(
    connection: &Connection,
    filter: Filter<'_>,
    by: By,
    index: Option<&str>,
    most: usize,
) -> Result<Vec<Place>, StoreError> {
    let mut statements = Vec::new();
    for range in ranges(filter) {
        let mut sql = select(filter);
        filter.rows(&mut sql, by, index, Some(range));
        order(&mut sql, filter);
        statements.push(sql.prepare(connection)?);
    }
    let mut heads = Vec::new();
    for statement in &mut statements {
        let mut rows = statement.raw_query();
        heads.push((next(&mut rows)?, rows));
    }
    let mut skip = offset(filter);
    let mut places = Vec::new();
    while places.len() < most {
        let first = heads
            .iter_mut()
            .filter(|(head, _)| head.is_some())
            .min_by(|(a, _), (b, _)| compare(filter.query.sort, a.as_ref(), b.as_ref()));
        let Some((head, rows)) = first else { break };
        let place = std::mem::replace(head, next(rows)?);
        if skip > 0 {
            skip -= 1;
        } else {
            places.extend(place);
        }
    }
    Ok(places)
}

/// Everything `by` finds, sorted.
pub(super) fn sort(
    connection: &Connection,
    filter: Filter<'_>,
    by: By,
    most: usize,
) -> Result<Vec<Place>, StoreError> {
    let mut sql = select(filter);
    filter.rows(&mut sql, by, None, None);
    order(&mut sql, filter);
    sql.push(" LIMIT ? OFFSET ?").bind(signed(most)).bind(signed(offset(filter)));
    let mut statement = sql.prepare(connection)?;
    let mut rows = statement.raw_query();
    let mut places = Vec::new();
    while let Some(place) = next(&mut rows)? {
        places.push(place);
    }
    Ok(places)
}

fn ranges(filter: Filter<'_>) -> Vec<(bool, Status)> {
    let archived =
        [false, true].into_iter().filter(|a| filter.query.archived.is_none_or(|wanted| wanted == *a));
    let statuses = || {
        let all = Status::ALL.iter().copied();
        all.filter(|status| filter.query.status.is_none_or(|wanted| wanted == *status))
    };
    archived.flat_map(|archived| statuses().map(move |status| (archived, status))).collect()
}

fn select(filter: Filter<'_>) -> Sql {
    Sql::new(format!("SELECT {}, c.public_id, c.key", column(filter.query.sort)))
}

/// Where the page begins, and the order.
fn order(sql: &mut Sql, filter: Filter<'_>) {
    let sort = filter.query.sort;
    let column = column(sort);
    let (direction, behind) = if is_descending(sort) { ("DESC", "<") } else { ("ASC", ">") };
    if let PageStart::After(key) = filter.query.start {
        sql.push(&format!(" AND ({column}, c.public_id) {behind} (?, ?)"));
        sql.bind(key.value).bind(*key.id.0.as_bytes());
    }
    sql.push(&format!(" ORDER BY {column} {direction}, c.public_id {direction}"));
}

fn column(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest | Sort::Oldest => "c.last_message_at",
        Sort::MostMessages | Sort::LeastMessages => "c.message_count",
    }
}

fn is_descending(sort: Sort) -> bool {
    matches!(sort, Sort::Newest | Sort::MostMessages)
}

fn compare(sort: Sort, a: Option<&Place>, b: Option<&Place>) -> std::cmp::Ordering {
    let place = |place: Option<&Place>| place.map(|p| (p.value, p.id));
    let ascending = place(a).cmp(&place(b));
    if is_descending(sort) { ascending.reverse() } else { ascending }
}

fn next(rows: &mut Rows<'_>) -> Result<Option<Place>, StoreError> {
    let row = rows.next().or_store()?;
    let place = row.map(|row| Ok(Place { value: row.get(0)?, id: row.get(1)?, key: row.get(2)? }));
    place.transpose().or_store()
}

fn offset(filter: Filter<'_>) -> usize {
    match filter.query.start {
        PageStart::Offset(offset) => offset,
        PageStart::After(_) => 0,
    }
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
