//! Query parameters: unknown ones are ignored, empty ones are absent, bad ones are `validation` at `/query/<name>`.

pub mod desk;
pub mod erasure;
pub mod follow;
pub mod restore;
pub mod transcript;

use std::str::FromStr;

use parlor_core::conversation::{Handler, Status};
use parlor_core::id::{AgentId, FunnelId, UserId};
use parlor_core::limits;
use parlor_core::text::Label;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::parse::Check;

/// A request's query parameters as they came.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Whether it is there, with whatever value.
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    fn number<T: FromStr + PartialOrd>(
        &self,
        check: &mut Check,
        (name, detail): (&str, &'static str),
        bounds: std::ops::RangeInclusive<T>,
    ) -> Option<T> {
        let value = self.get(name)?.parse::<T>().ok().filter(|n| bounds.contains(n));
        check.take(&format!("/query/{name}"), value.ok_or(detail))
    }

    fn word<T>(
        &self,
        check: &mut Check,
        (name, detail): (&str, &'static str),
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(self.get(name)?);
        check.take(&format!("/query/{name}"), value.ok_or(detail))
    }
}

/// The order of the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// Newest last message first, then greatest id.
    #[default]
    Newest,
    /// Oldest first, then smallest id.
    Oldest,
    /// Most messages first, then greatest id.
    MostMessages,
    /// Fewest first, then smallest id.
    LeastMessages,
}

impl SortBy {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "newest" => Self::Newest,
            "oldest" => Self::Oldest,
            "most_messages" => Self::MostMessages,
            "least_messages" => Self::LeastMessages,
            _ => return None,
        })
    }
}

/// Where a page of the inbox begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// Behind this many.
    Offset(usize),
    /// Where an earlier answer's `nextPageToken` says.
    Token(String),
}

/// `list_conversations`, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct ListConversations {
    /// Open or closed; `None` for all.
    pub status: Option<Status>,
    /// Archived or not; `None` for all.
    pub archived: Option<bool>,
    /// Order.
    pub sort_by: SortBy,
    /// Words to find.
    pub search: Option<String>,
    /// Of one funnel.
    pub funnel_id: Option<FunnelId>,
    /// Of one user.
    pub user_id: Option<UserId>,
    /// With one handler.
    pub handler: Option<Handler>,
    /// Held by one agent.
    pub assignee_id: Option<AgentId>,
    /// With a label.
    pub label: Option<Label>,
    /// Only with something the agents have not read.
    pub unread: bool,
    /// How many.
    pub limit: usize,
    /// From where.
    pub start: Start,
    /// Newest messages to bring with each.
    pub messages: usize,
}

/// `GET /conversations`, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct ListConversationsParams {
    /// `open` (default), `closed` or `all`.
    #[param(value_type = Option<String>)]
    status: Option<String>,
    /// Default `newest`.
    #[param(rename = "sortBy")]
    sort_by: Option<SortBy>,
    /// Words and word beginnings in names, e-mails, funnel names and every message, for all but visitors in private notes
    /// too; 200 characters.
    search: Option<String>,
    /// 1 to 100, default 20.
    limit: Option<u32>,
    /// 0 to 10,000.
    offset: Option<u32>,
    /// From 1; an `offset` in pages.
    page: Option<u32>,
    /// `nextPageToken` of the page before; wins over `offset` and `page`.
    #[param(rename = "pageToken")]
    page_token: Option<String>,
    /// `false` (default), `true` or `all`.
    archived: Option<String>,
    /// Of one funnel.
    #[param(rename = "funnelId")]
    funnel_id: Option<String>,
    /// Of one user.
    #[param(rename = "userId")]
    user_id: Option<String>,
    /// `bot`, `queue` or `agent`.
    handler: Option<String>,
    /// Held by this agent.
    assignee: Option<String>,
    /// With this label.
    label: Option<String>,
    /// `true`: only with something the agents have not read.
    unread: Option<bool>,
    /// How many messages ride in each conversation: 0 to 50, default 50.
    messages: Option<u32>,
}

impl ListConversations {
    /// Reads the parameters.
    pub fn parse(pairs: &Pairs) -> Result<Self, Problem> {
        let check = &mut Check::default();
        let status = pairs.word(check, ("status", "must be open, closed or all"), |word| match word {
            "all" => Some(None),
            word => Status::parse(word).map(Some),
        });
        let archived = pairs.word(check, ("archived", "must be false, true or all"), |word| match word {
            "all" => Some(None),
            word => word.parse().ok().map(Some),
        });
        let orders = "must be newest, oldest, most_messages or least_messages";
        let sort_by = pairs.word(check, ("sortBy", orders), SortBy::parse);
        let search = pairs.word(check, ("search", "must be at most 200 characters"), |words| {
            (words.chars().count() <= limits::SEARCH_CHARS).then(|| words.to_owned())
        });
        let limit = pairs.number(check, ("limit", "must be 1 to 100"), 1..=limits::LIST_MAX);
        let limit = limit.unwrap_or(limits::LIST_DEFAULT);
        let list = Self {
            status: status.unwrap_or(Some(Status::Open)),
            archived: archived.unwrap_or(Some(false)),
            sort_by: sort_by.unwrap_or_default(),
            search: search.filter(|words| !words.trim().is_empty()),
            funnel_id: pairs.word(check, ("funnelId", "must be a funnel's id"), FunnelId::parse),
            user_id: pairs.word(check, ("userId", "must be a user's id"), UserId::parse),
            handler: pairs.word(check, ("handler", "must be bot, queue or agent"), Handler::parse),
            assignee_id: pairs.word(check, ("assignee", "must be an agent's id"), AgentId::parse),
            label: pairs.word(check, ("label", "must be 1 to 50 characters"), |l| Label::parse(l).ok()),
            unread: pairs
                .word(check, ("unread", "must be true or false"), |word| word.parse().ok())
                .unwrap_or(false),
            limit,
            start: start(check, pairs, limit),
            messages: inline(check, pairs),
        };
        std::mem::take(check).finish(Some(list))
    }
}

fn start(check: &mut Check, pairs: &Pairs, limit: usize) -> Start {
    if let Some(token) = pairs.get("pageToken") {
        return Start::Token(token.to_owned());
    }
    let deepest = limits::OFFSET_MAX;
    let offset = pairs.number(check, ("offset", "must be 0 to 10000; go deeper with pageToken"), 0..=deepest);
    let last = deepest / limit + 1;
    let page = pairs.number(check, ("page", "must be 1 or more; go deeper with pageToken"), 1..=last);
    Start::Offset(offset.or(page.map(|page| (page - 1) * limit)).unwrap_or(0))
}

fn inline(check: &mut Check, pairs: &Pairs) -> usize {
    let messages = pairs.number(check, ("messages", "must be 0 to 50"), 0..=limits::MESSAGES_INLINE);
    messages.unwrap_or(limits::MESSAGES_INLINE)
}

/// How many messages ride in each conversation of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inline(pub usize);

/// `?messages=`, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct InlineParams {
    /// How many messages ride in the answer's conversation: 0 to 50, default 50.
    messages: Option<u32>,
}

impl Inline {
    /// Reads `messages`.
    pub fn parse(pairs: &Pairs) -> Result<Self, Problem> {
        let mut check = Check::default();
        let messages = inline(&mut check, pairs);
        check.finish(Some(Self(messages)))
    }
}

/// Where a page of messages is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageStart {
    /// The newest, but for this many.
    Newest(usize),
    /// The newest below this `seq`.
    Before(u32),
    /// The oldest above this `seq`.
    After(u32),
}

/// `list_messages`, parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListMessages {
    /// From where.
    pub start: MessageStart,
    /// How many.
    pub limit: usize,
}

/// `GET /conversations/{id}/messages`, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct ListMessagesParams {
    /// 1 to 200, default 50.
    limit: Option<u32>,
    /// The newest below this `seq`.
    before: Option<u32>,
    /// The oldest above this `seq`.
    after: Option<u32>,
    /// The newest but for this many, 0 to 10,000.
    offset: Option<u32>,
}

impl ListMessages {
    /// Reads the parameters; without any, the newest page.
    pub fn parse(pairs: &Pairs) -> Result<Self, Problem> {
        let mut check = Check::default();
        let limit = pairs.number(&mut check, ("limit", "must be 1 to 200"), 1..=limits::MESSAGES_MAX);
        let seq = "must be a message's seq";
        let before = pairs.number(&mut check, ("before", seq), 0..=u32::MAX);
        let after = pairs.number(&mut check, ("after", seq), 0..=u32::MAX);
        let offset = pairs.number(&mut check, ("offset", "must be 0 to 10000"), 0..=limits::OFFSET_MAX);
        let start = match (before, after, offset) {
            (Some(seq), None, None) => MessageStart::Before(seq),
            (None, Some(seq), None) => MessageStart::After(seq),
            (None, None, offset) => MessageStart::Newest(offset.unwrap_or(0)),
            _ => {
                check.error("/query", "must have at most one of before, after and offset");
                MessageStart::Newest(0)
            }
        };
        check.finish(Some(Self { start, limit: limit.unwrap_or(limits::MESSAGES_DEFAULT) }))
    }
}

/// What proves who opens a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthBy {
    /// The request: its token or cookie, or failing both the first frame.
    Request,
    /// The first frame alone. A visitor's page on the console's own origin sends the console's cookie too, unasked.
    Frame,
}

/// `GET /ws`, for the API's document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "described to the API's document, parsed by hand for exact errors")]
pub struct OpenSocketParams {
    /// `frame`: the first frame is `auth`, whatever cookie the browser sends along.
    auth: Option<String>,
}

impl AuthBy {
    /// Reads `auth`.
    #[must_use]
    pub fn parse(pairs: &Pairs) -> Self {
        if pairs.get("auth") == Some("frame") { Self::Frame } else { Self::Request }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(query: &[(&str, &str)]) -> Pairs {
        Pairs(query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn pointer(query: &[(&str, &str)]) -> String {
        let problem = ListConversations::parse(&pairs(query)).expect_err("a bad parameter");
        problem.errors.iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn without_parameters_the_contracts_defaults_hold() {
        let list = ListConversations::parse(&pairs(&[("unknown", "1"), ("search", "")])).expect("defaults");
        assert_eq!((list.status, list.archived), (Some(Status::Open), Some(false)));
        assert_eq!((list.limit, list.messages, list.start), (20, 50, Start::Offset(0)));
        assert_eq!((list.sort_by, list.search), (SortBy::Newest, None));
    }

    #[test]
    fn a_page_is_an_offset() {
        let list = ListConversations::parse(&pairs(&[("limit", "30"), ("page", "4")])).expect("a page");
        assert_eq!(list.start, Start::Offset(90));
        assert_eq!(pointer(&[("limit", "100"), ("page", "102")]), "/query/page");
    }

    #[test]
    fn every_bad_value_is_named() {
        let bad = [("status", "x"), ("sortBy", "x"), ("limit", "0"), ("offset", "-1"), ("messages", "51")];
        assert_eq!(pointer(&bad), "/query/status /query/sortBy /query/limit /query/offset /query/messages");
        assert_eq!(pointer(&[("limit", "101")]), "/query/limit");
        assert_eq!(pointer(&[("offset", "10001")]), "/query/offset");
        assert_eq!(pointer(&[("archived", "1")]), "/query/archived");
        assert_eq!(pointer(&[("handler", "me")]), "/query/handler");
        assert_eq!(pointer(&[("unread", "yes")]), "/query/unread");
        assert_eq!(pointer(&[("search", &"x".repeat(201))]), "/query/search");
    }
}
