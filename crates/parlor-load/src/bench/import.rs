//! Conversations put into a server's database through `parlor import`.

use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::id::Ids;
use crate::message;

/// Messages of every conversation.
pub const MESSAGES: usize = 4;

/// What differs from one conversation to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub funnel: String,
    pub status: &'static str,
    /// Who answers; the import decides where nothing is said.
    pub handler: Option<&'static str>,
}

/// Lets `parlor` take in `size` conversations without times, which the import spreads.
pub fn import(mut parlor: Command, size: usize, row: impl Fn(usize) -> Row) -> anyhow::Result<()> {
    let mut child =
        parlor.args(["import", "-"]).stdin(Stdio::piped()).spawn().context("cannot run parlor import")?;
    let mut lines = BufWriter::new(child.stdin.take().context("no pipe to parlor import")?);
    let mut ids = Ids::new()?;
    let written =
        (0..size).try_for_each(|i| write_line(&mut lines, &mut ids, i, &row(i))).and_then(|()| lines.flush());
    drop(lines);
    let status = child.wait()?;
    ensure!(status.success(), "parlor import ended with {status}");
    written.context("parlor import did not read to the end")
}

fn write_line(out: &mut impl Write, ids: &mut Ids, i: usize, row: &Row) -> std::io::Result<()> {
    let (id, Row { funnel, status, handler }) = (ids.next(), row);
    write!(out, r#"{{"id":"{id}","funnelId":"{funnel}","status":"{status}""#)?;
    if let Some(handler) = handler {
        write!(out, r#","handler":"{handler}""#)?;
    }
    out.write_all(br#","messages":["#)?;
    for m in 0..MESSAGES {
        let (comma, kind) = (if m == 0 { "" } else { "," }, if m % 2 == 0 { "bot" } else { "user" });
        let text = message::text(i.wrapping_mul(MESSAGES) + m);
        write!(out, r#"{comma}{{"type":"{kind}","text":"{text}"}}"#)?;
    }
    out.write_all(b"]}\n")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_imported_line_is_json() {
        for handler in [None, Some("bot")] {
            let row = Row { funnel: "funnel-8".into(), status: "open", handler };
            let mut out = Vec::new();
            write_line(&mut out, &mut Ids::new().unwrap(), 8, &row).unwrap();
            let line: Value = serde_json::from_slice(&out).unwrap();
            assert_eq!((&line["funnelId"], &line["status"]), (&json!("funnel-8"), &json!("open")));
            assert_eq!(line["handler"].as_str(), handler);
            assert_eq!(line["messages"].as_array().unwrap().len(), MESSAGES);
        }
    }
}
