//! What a long poll or an event stream follows, and from where.

use parlor_core::limits;
use utoipa::IntoParams;

use super::Pairs;
use crate::wire::Problem;
use crate::wire::parse::Check;

/// One topic, from a place on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follow {
    /// The topic's name, as it came.
    pub topic: String,
    /// The last cursor seen; without one, from now on.
    pub since: Option<String>,
}

impl Follow {
    fn read(check: &mut Check, pairs: &Pairs) -> Self {
        let topic = pairs.get("topic").ok_or("must be inbox or conversation:<id>");
        let topic = check.take("/query/topic", topic.map(str::to_owned)).unwrap_or_default();
        Self { topic, since: pairs.get("since").map(str::to_owned) }
    }
}

impl Follow {
    /// Reads the parameters of `stream_events`. The last id that was seen wins: a browser that comes back asks for the address it
    /// began with.
    pub fn parse(pairs: &Pairs, last_event_id: Option<&str>) -> Result<Self, Problem> {
        let mut check = Check::default();
        let follow = Self::read(&mut check, pairs);
        let last = last_event_id.filter(|id| !id.is_empty()).map(str::to_owned);
        check.finish(Some(Self { since: last.or(follow.since), ..follow }))
    }
}

/// `GET /events`, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct StreamEventsParams {
    /// `inbox` or `conversation:<id>`.
    topic: String,
    /// The last cursor seen on the topic, or that of a snapshot. Without it the stream begins now.
    since: Option<String>,
}

/// `list_changes`, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListChanges {
    /// What, from where.
    pub follow: Follow,
    /// Seconds to wait for the first change.
    pub wait_s: u64,
}

/// `GET /changes`, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct ListChangesParams {
    /// `inbox` or `conversation:<id>`.
    topic: String,
    /// The last cursor seen on the topic, or that of a snapshot. Without it the answer is the current cursor, at once.
    since: Option<String>,
    /// Seconds to wait for the first change: 0 to 25, default 25.
    wait: Option<u32>,
}

impl ListChanges {
    /// Reads the parameters.
    pub fn parse(pairs: &Pairs) -> Result<Self, Problem> {
        let mut check = Check::default();
        let follow = Follow::read(&mut check, pairs);
        let wait_s = pairs.number(&mut check, ("wait", "must be 0 to 25"), 0..=limits::POLL_WAIT_S);
        check.finish(Some(Self { follow, wait_s: wait_s.unwrap_or(limits::POLL_WAIT_S) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &[(&str, &str)]) -> Result<ListChanges, Vec<String>> {
        let pairs = Pairs(query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
        ListChanges::parse(&pairs).map_err(|problem| problem.errors.into_iter().map(|e| e.pointer).collect())
    }

    #[test]
    fn a_stream_begins_where_it_was_seen_last() {
        let pairs = Pairs(vec![("topic".into(), "inbox".into()), ("since".into(), "old".into())]);
        for (last, since) in [(None, "old"), (Some(""), "old"), (Some("new"), "new")] {
            let follow = Follow::parse(&pairs, last).expect("a topic and a place");
            assert_eq!(follow.since.as_deref(), Some(since));
        }
    }

    #[test]
    fn a_poll_names_its_topic_and_waits_within_the_bound() {
        let follow = Follow { topic: "inbox".into(), since: None };
        assert_eq!(parse(&[("topic", "inbox")]), Ok(ListChanges { follow, wait_s: 25 }));
        let follow = Follow { topic: "inbox".into(), since: Some("x".into()) };
        let query = [("topic", "inbox"), ("since", "x"), ("wait", "0")];
        assert_eq!(parse(&query), Ok(ListChanges { follow, wait_s: 0 }));
        for wait in ["26", "-1", "1.5", "x"] {
            assert_eq!(parse(&[("wait", wait)]), Err(vec!["/query/topic".into(), "/query/wait".into()]));
        }
    }
}
