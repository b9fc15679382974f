//! What changed: long polls and event streams, for who has no socket.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures_util::stream::unfold;

use crate::http::auth::Authenticated;
use crate::http::body::{Params, ok};
use crate::service::Service;
use crate::service::stream::StreamItem;
use crate::wire::Problem;
use crate::wire::list::ChangeList;
use crate::wire::query::follow::{Follow, ListChanges, ListChangesParams, StreamEventsParams};

/// Where a browser says what it saw last (HTML, section 9.2.4).
const LAST_EVENT_ID: &str = "last-event-id";
/// Keeps nginx from collecting a stream before it passes it on.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

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

/// What happens on a topic, as server-sent events
///
/// Each event's data is an array of the socket's events. A group comes as one event, whose `id` is its cursor. What was
/// missed comes first, then a `heartbeat`, and another every 25 seconds; `typing` and `presence` as they happen, `reset` when what you
/// have is to be loaded again, `goaway` before the server ends.
#[utoipa::path(
    get, path = "/api/live-chat/events",
    params(
        StreamEventsParams,
        ("Last-Event-ID" = Option<String>, Header, description = "The last `id` seen; wins over `since`. Browsers send it.")
    ),
    responses((
        status = 200, description = "Until the token or session ends or the server goes away", body = String,
        content_type = "text/event-stream",
        example = "id: WoyN4nIb…\ndata: [{\"event\":\"heartbeat\",\"heads\":{\"inbox\":\"WoyN4nIb…\"}}]\n\n\
            id: Xc0Vd1aS…\ndata: [{\"event\":\"conversation\",\"topic\":\"inbox\",\"conversation\":{},\"cursor\":\"Xc0Vd1aS…\"}]\n\n\
            data: [{\"event\":\"presence\",\"userId\":\"u1\",\"isOnline\":true}]\n\n"
    ))
)]
pub(super) async fn stream_events(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    Params(pairs): Params,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let last = headers.get(LAST_EVENT_ID).map(|id| id.to_str().unwrap_or("?"));
    let stream = service.stream_events(caller.0, Follow::parse(&pairs, last)?).await?;
    let events = unfold(stream, async |mut stream| {
        let item = stream.next().await?;
        Some((Ok::<_, Infallible>(event(&item)), stream))
    });
    Ok(([UNBUFFERED], Sse::new(events)))
}

fn event(item: &StreamItem) -> Event {
    let event = Event::default().data(String::from_utf8_lossy(&item.data));
    let event = match &item.id {
        Some(id) => event.id(id),
        None => event,
    };
    match item.retry_ms {
        Some(ms) => event.retry(Duration::from_millis(ms)),
        None => event,
    }
}
