//! `list_conversations`.

use std::collections::BTreeMap;
use std::sync::Arc;

use parlor_core::access::{Principal, Role};
use parlor_core::error::Code;
use uuid::Uuid;

use crate::search::Excerpt;
use crate::service::Service;
use crate::service::page_token::PageTokens;
use crate::store::{ListQuery, Matched, PageStart, Row, Sort};
use crate::wire::Problem;
use crate::wire::list::{ConversationList, SearchMatch};
use crate::wire::query::{ListConversations, SortBy, Start};

impl Service {
    /// A page of the inbox; visitors have one too, of their own conversations.
    pub async fn list_conversations(
        &self,
        by: &Principal,
        list: ListConversations,
    ) -> Result<ConversationList, Problem> {
        let sort = sort(list.sort_by);
        let tokens = PageTokens::new(&self.sealing_key, by.workspace);
        let start = match &list.start {
            Start::Offset(offset) => PageStart::Offset(*offset),
            Start::Token(token) => PageStart::After(tokens.open(token, sort).ok_or(Code::InvalidCursor)?),
        };
        let words = list.search.clone();
        let (query, is_capped) = self.query(by, list, sort, start).await?;
        let page = self.store.list_conversations(by.workspace, query).await;
        let page = page.map_err(|error| self.failed(&error))?;
        let matches = match words {
            Some(words) => Some(self.matches(&words, &page.rows).await?),
            None => None,
        };
        let policies = &page.head.policies;
        let view = |row: Row| self.conversation_view(by, row.snapshot, row.messages, policies.clone());
        Ok(ConversationList {
            conversations: page.rows.into_iter().map(view).collect(),
            total: page.total,
            total_is_capped: page.total_is_capped || is_capped,
            has_more: page.next.is_some(),
            next_page_token: page.next.map(|next| tokens.seal(&next, sort)),
            matches,
            cursor: self.cursor(by.workspace, &page.head),
        })
    }

    /// What a search found in the conversations of a page.
    async fn matches(&self, words: &str, rows: &[Row]) -> Result<BTreeMap<Uuid, SearchMatch>, Problem> {
        let found: Vec<_> = rows.iter().filter_map(|row| row.hit.as_ref()).collect();
        if found.is_empty() {
            return Ok(BTreeMap::new());
        }
        let text = |hit: &&Matched| match hit {
            Matched::Message(message) => message.text.as_str().to_owned(),
            Matched::Note(note) => note.text().to_owned(),
        };
        let texts = found.iter().map(text).collect();
        let excerpts = self.search.excerpts(words, texts).await.map_err(|error| self.failed(&error))?;
        let all = found.into_iter().zip(excerpts);
        let found = all.filter_map(|(hit, excerpt)| Some((hit, excerpt?)));
        Ok(found
            .map(|(hit, Excerpt { text, ranges })| {
                let (conversation_id, message_id, note_id, seq) = match hit {
                    Matched::Message(m) => (m.conversation_id, Some(m.id.0), None, m.seq),
                    Matched::Note(n) => (n.conversation_id, None, Some(n.id.0), n.after_seq),
                };
                (conversation_id.0, SearchMatch { message_id, note_id, seq, text, ranges })
            })
            .collect())
    }

    /// The store's question, and whether a search found more than it looked at.
    async fn query(
        &self,
        by: &Principal,
        list: ListConversations,
        sort: Sort,
        start: PageStart,
    ) -> Result<(ListQuery, bool), Problem> {
        let mut query = ListQuery {
            status: list.status,
            archived: list.archived,
            funnel_id: list.funnel_id,
            user_id: list.user_id,
            handler: list.handler,
            assignee_id: list.assignee_id,
            label: list.label,
            unread: list.unread,
            among: None,
            sort,
            start,
            limit: list.limit,
            messages: list.messages,
        };
        if by.role == Role::Visitor {
            // What a view leaves out must not be guessed by filtering for it.
            if query.label.is_some() || query.assignee_id.is_some() || query.unread {
                return Err(
                    Problem::new(Code::Forbidden).because("Only agents filter by label, assignee or unread.")
                );
            }
            query.user_id = Some(by.user_id().ok_or(Code::Unauthenticated)?);
        }
        let Some(words) = list.search else { return Ok((query, false)) };
        let with_notes = by.role != Role::Visitor;
        let found = self.search.find(by.workspace, &words, with_notes).await;
        let found = found.map_err(|error| self.failed(&error))?;
        query.among = Some(Arc::new(found.hits));
        Ok((query, found.is_capped))
    }
}

fn sort(sort_by: SortBy) -> Sort {
    match sort_by {
        SortBy::Newest => Sort::Newest,
        SortBy::Oldest => Sort::Oldest,
        SortBy::MostMessages => Sort::MostMessages,
        SortBy::LeastMessages => Sort::LeastMessages,
    }
}
