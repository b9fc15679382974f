//! The API's document: collected from the handlers, finished here, guarded by a test against drift.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::header;
use axum::routing::get;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::http::BASE;
use crate::service::Service;
use crate::wire::problem::ProblemBody;
use crate::wire::query::SortBy;
use crate::wire::query::transcript::TranscriptFormat;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parlor",
        description = "Live chat for chat funnels. Optional fields are absent, never null, unless a description says what \
            null does. Times are RFC 3339, UTC, milliseconds. Clients ignore fields and events they do not know.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(ProblemBody<'static>, SortBy, TranscriptFormat))
)]
struct About;

/// What does not come from handlers.
pub(super) fn about() -> Document {
    About::openapi()
}

/// Optional properties whose `null` means something: it clears, or it ends a path.
const NULLABLE: [(&str, &str); 3] = [
    ("PatchConversations", "snoozedUntil"),
    ("PatchConversations", "metadata"),
    ("FunnelOption", "nextBlockId"),
];

/// The document as JSON, as it is served and as it stands in `openapi.json`.
#[must_use]
pub fn to_json(document: &Document) -> String {
    let mut json = serde_json::to_value(document).expect("a document of strings is plain JSON");
    never_null(&mut json);
    finish_operations(&mut json);
    json["security"] = json!([{"bearer": []}, {"cookie": []}]);
    json["components"]["securitySchemes"] = json!({
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Signed with a secret of the workspace (HS256)."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "parlor_session", "description": "The console's session; `__Host-parlor_session` on https. Unsafe methods need an Origin of the configured addresses."},
    });
    serde_json::to_string_pretty(&json).expect("JSON values are plain JSON") + "\n"
}

/// `Option` is described as nullable; on this wire it is absent instead.
fn never_null(json: &mut Value) {
    for (name, schema) in json["components"]["schemas"].as_object_mut().into_iter().flatten() {
        present_or_absent(name, schema);
    }
}

fn present_or_absent(name: &str, schema: &mut Value) {
    for (property, schema) in
        schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
    {
        if !NULLABLE.contains(&(name, property.as_str())) {
            without_null(schema);
        }
    }
    for variants in ["oneOf", "allOf"] {
        let variants = schema.get_mut(variants).and_then(Value::as_array_mut);
        variants.into_iter().flatten().for_each(|variant| present_or_absent(name, variant));
    }
}

fn without_null(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|t| t != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(mut variants)) = object.remove("oneOf") {
        variants.retain(|variant| variant["type"] != "null");
        match (variants.len(), variants.pop()) {
            (1, Some(Value::Object(only))) => {
                // A description beside a reference stands with it (OpenAPI 3.1).
                let mut merged: Map<String, Value> = only;
                merged.extend(std::mem::take(object));
                *object = merged;
            }
            (_, Some(last)) => {
                variants.push(last);
                object.insert("oneOf".to_owned(), Value::Array(variants));
            }
            (_, None) => {}
        }
    }
}

/// Every operation may answer with a problem, and stands with those of its resource.
fn finish_operations(json: &mut Value) {
    let problem = json!({
        "description": "What went wrong; `code` is one of a closed list",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    for (path, operations) in json["paths"].as_object_mut().into_iter().flatten() {
        let resource = path.trim_start_matches(BASE).split('/').nth(1).unwrap_or_default();
        for operation in operations.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            parameters.into_iter().flatten().for_each(|parameter| without_null(&mut parameter["schema"]));
            operation["tags"] = json!([resource]);
            operation["responses"]["default"] = problem.clone();
        }
    }
}

/// Serves `document`, which is written when it is first asked for: it takes a good part of a start's time and memory.
pub(super) fn route(document: fn() -> String) -> Router<Arc<Service>> {
    let json = Arc::new(LazyLock::new(document));
    let serve = async move || ([(header::CONTENT_TYPE, "application/json")], json.to_string());
    Router::new().route(&format!("{BASE}/openapi.json"), get(serve))
}
