//! How long what may stay as it is: `get_settings`, `put_settings`.

use parlor_core::access::{Operation, Principal, may};
use parlor_core::command::Action;
use parlor_core::error::Code;

use crate::service::Service;
use crate::wire::Problem;
use crate::wire::input::PutSettings;
use crate::wire::settings::Settings;

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
}
