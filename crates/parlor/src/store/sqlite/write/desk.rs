//! What agents keep at hand.

use parlor_core::state::DeskWrite;
use rusqlite::params;

use super::Write;
use crate::store::StoreError;

impl Write<'_> {
    pub(super) fn desk(&self, write: &DeskWrite) -> Result<(), StoreError> {
        const PUT_ANSWER: &str = "INSERT INTO canned_answer (workspace, public_id, shortcut, text, version) \
            VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (workspace, public_id) \
            DO UPDATE SET shortcut = excluded.shortcut, text = excluded.text, version = excluded.version";
        const DELETE_ANSWER: &str = "DELETE FROM canned_answer WHERE workspace = ?1 AND public_id = ?2";
        const PUT_VIEW: &str = "INSERT INTO saved_view (workspace, public_id, owner, name, is_shared, filters) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (workspace, public_id) \
            DO UPDATE SET owner = excluded.owner, name = excluded.name, is_shared = excluded.is_shared, \
            filters = excluded.filters";
        const DELETE_VIEW: &str = "DELETE FROM saved_view WHERE workspace = ?1 AND public_id = ?2";
        let workspace = self.workspace.0;
        match write {
            DeskWrite::PutCannedAnswer(answer) => {
                let (shortcut, text) = (answer.shortcut.as_str(), answer.text.as_str());
                let version = answer.version.cast_signed();
                self.run(PUT_ANSWER, params![workspace, answer.id.as_str(), shortcut, text, version])
            }
            DeskWrite::DeleteCannedAnswer(id) => self.run(DELETE_ANSWER, params![workspace, id.as_str()]),
            DeskWrite::PutView(view) => {
                let filters = serde_json::to_string(view.filters.source())
                    .map_err(|error| StoreError::Content(error.to_string()))?;
                let (owner, name) = (view.owner.as_str(), view.name.as_str());
                self.run(PUT_VIEW, params![workspace, view.id.as_str(), owner, name, view.is_shared, filters])
            }
            DeskWrite::DeleteView(id) => self.run(DELETE_VIEW, params![workspace, id.as_str()]),
        }
    }
}
