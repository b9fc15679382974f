//! How long what may stay as it is: `get_settings`, `put_settings`,
//! `preview_settings`.

use parlor_core::access::{Operation, Principal, may};
use parlor_core::command::Action;
use parlor_core::error::Code;
use parlor_core::lifecycle::Preview;
use parlor_core::limits;

use crate::service::Service;
use crate::store::{ListQuery, PageStart};
use crate::wire::Problem;
use crate::wire::input::{PreviewSettings, PutSettings};
use crate::wire::settings::{Settings, SettingsPreview};

impl Service {
    /// The settings as they stand.
    pub async fn get_settings(&self, by: &Principal) -> Result<Settings, Problem> {
        if !may(by.role, Operation::ReadDesk) {
            return Err(Code::Forbidden.into());
        }
        let head = self.store.get_head(by.workspace).await.map_err(|error| self.failed(&error))?;
        Ok(Settings::of(&head, self.clock_state()))
    }

    /// Changes the settings; what they mean for the conversations there are follows in the background.
    pub async fn put_settings(&self, by: &Principal, input: PutSettings) -> Result<Settings, Problem> {
        if !may(by.role, Operation::PutSettings) {
            return Err(Code::Forbidden.into());
        }
        let put = input.parse()?;
        self.run(by, Action::PutSettings(Box::new(put))).await?;
        self.get_settings(by).await
    }

    /// What settings would have done. Reads page by page, and changes nothing.
    pub async fn preview_settings(
        &self,
        by: &Principal,
        input: PreviewSettings,
    ) -> Result<SettingsPreview, Problem> {
        if !may(by.role, Operation::PutSettings) {
            return Err(Code::Forbidden.into());
        }
        let head = self.store.get_head(by.workspace).await.map_err(|error| self.failed(&error))?;
        let policies = input.parse(&head.policies)?;
        let now = self.now();
        let (from, until) = (now.plus_ms(-limits::PREVIEW_MS), now.plus_ms(limits::PREVIEW_MS));
        let mut preview = Preview::new(&policies, from, now, until);
        let (mut start, mut messages) = (PageStart::default(), limits::MESSAGES_INLINE);
        for _ in 0..limits::PREVIEW_CONVERSATIONS / limits::LIST_MAX {
            let query = ListQuery { start, messages, limit: limits::LIST_MAX, ..ListQuery::default() };
            let page = self.store.list_conversations(by.workspace, query).await;
            let page = page.map_err(|error| self.failed(&error))?;
            for row in &page.rows {
                preview.look(&row.snapshot.conversation, &row.snapshot.user, &row.messages);
            }
            let Some(next) = page.next else {
                return Ok(SettingsPreview::of(preview.counts(), from, now, false));
            };
            // What was said longer ago says nothing of these days.
            if next.value < from.0 {
                messages = 0;
            }
            start = PageStart::After(next);
        }
        Ok(SettingsPreview::of(preview.counts(), from, now, true))
    }
}
