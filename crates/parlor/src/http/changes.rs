//! What changed: long polls, for who has no socket.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;

use crate::http::auth::Authenticated;
use crate::http::body::{Params, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::list::ChangeList;
use crate::wire::query::follow::{ListChanges, ListChangesParams};

/// What changed on a topic since a cursor; waits for the first change (long poll)
///
/// The groups are those of the socket: apply one, then move to its cursor, which its last event carries. Ask again with the
/// answer's `cursor` as `since`. Typing and presence do not come this way.
#[utoipa::path(
    get, path = "/api/live-chat/changes", params(ListChangesParams),
    responses((
        status = 200, description = "Groups in order, at most some 256 KiB: ask again until there are none",
        body = ChangeList,
        examples(
            ("nothing" = (summary = "Nothing happened in time", value = json!({
                "groups": [], "cursor": "WoyN4nIb…", "reset": false
            }))),
            ("read" = (summary = "An agent read a conversation (shortened)", value = json!({
                "groups": [[{
                    "event": "conversation", "topic": "inbox",
                    "conversation": {"id": "0199c000-0000-7000-8000-000000000001", "agentLastReadSeq": 3, "version": 7},
                    "cursor": "Xc0Vd1aS…"
                }]],
                "cursor": "Xc0Vd1aS…", "reset": false
            }))),
            ("reset" = (summary = "Too far behind: load a snapshot and go on from its cursor", value = json!({
                "groups": [], "cursor": "Xc0Vd1aS…", "reset": true
            })))
        )
    ))
)]
pub(super) async fn list_changes(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    Params(pairs): Params,
) -> Result<impl IntoResponse, Problem> {
    service.list_changes(&caller.0, ListChanges::parse(&pairs)?).await.map(ok)
}
