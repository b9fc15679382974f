//! The workspace's settings.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::http::Api;

/// Between two looks at whether every conversation has them.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Changes them and waits until every conversation has them.
pub async fn put(admin: &Api, settings: &Value) -> anyhow::Result<()> {
    let mut now = admin.ask("PUT", "/settings", Some(settings)).await?;
    while !now["redating"].is_null() {
        sleep(LOOK_EVERY).await;
        now = admin.ask("GET", "/settings", None).await?;
    }
    Ok(())
}
