//! `export_user`: everything about a user, a line at a time.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use parlor_core::access::{Operation, Principal, View, may};
use parlor_core::error::Code;
use parlor_core::id::{ConversationId, UserId};
use parlor_core::limits;
use serde_json::json;

use crate::service::Service;
use crate::service::transfer::line_of;
use crate::store::{ListQuery, PageStart, Row, Sort};
use crate::wire::Problem;
use crate::wire::conversation::to_json;
use crate::wire::user::LiveChatUser;

/// A user's export being written.
pub struct UserExport {
    service: Arc<Service>,
    by: Principal,
    user_id: UserId,
    /// What is said first.
    head: Option<Vec<u8>>,
    rows: VecDeque<Row>,
    /// Where the next page begins; `None` behind the last one.
    next: Option<PageStart>,
    /// Activity moves a conversation towards the end of the order, never past the reader: it can come twice, not never.
    written: HashSet<ConversationId>,
}

impl Service {
    /// Begins the export of a user.
    pub async fn export_user(self: &Arc<Self>, by: &Principal, id: &str) -> Result<UserExport, Problem> {
        if !may(by.role, Operation::ExportUser) {
            return Err(Code::Forbidden.into());
        }
        let user_id = UserId::parse(id).ok_or(Code::NotFound)?;
        let found = self.store.get_user(by.workspace, user_id.clone()).await;
        let user = found.map_err(|error| self.failed(&error))?.ok_or(Code::NotFound)?;
        let is_online = self.is_online(by.workspace, &user_id);
        let mut head = to_json(&json!({ "user": LiveChatUser::of(&user, View::Agents, is_online) }));
        head.push(b'\n');
        Ok(UserExport {
            service: self.clone(),
            by: by.clone(),
            user_id,
            head: Some(head),
            rows: VecDeque::new(),
            next: Some(PageStart::default()),
            written: HashSet::new(),
        })
    }
}

impl UserExport {
    /// The next line; `None` behind the last. After an error the file is not whole.
    pub async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        if let Some(head) = self.head.take() {
            return Some(Ok(head.into()));
        }
        loop {
            while let Some(row) = self.rows.pop_front() {
                if !self.written.insert(row.snapshot.conversation.id) {
                    continue;
                }
                match line_of(&self.service.store, self.by.workspace, &row).await {
                    Ok(Some((line, _))) => return Some(Ok(line.into())),
                    // It was deleted meanwhile.
                    Ok(None) => {}
                    Err(error) => return Some(Err(self.service.failed(&error))),
                }
            }
            let query = ListQuery {
                user_id: Some(self.user_id.clone()),
                sort: Sort::Oldest,
                start: self.next.take()?,
                limit: limits::LIST_MAX,
                ..ListQuery::default()
            };
            match self.service.store.list_conversations(self.by.workspace, query).await {
                Ok(page) => {
                    self.rows = page.rows.into();
                    self.next = page.next.map(PageStart::After);
                }
                Err(error) => return Some(Err(self.service.failed(&error))),
            }
        }
    }
}
