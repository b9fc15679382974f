//! The console and the demo page, embedded with their precompressed copies.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use parlor_core::error::Code;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::service::Service;
use crate::wire::Problem;

#[derive(RustEmbed)]
#[folder = "../../web/console/dist"]
#[allow_missing = true]
struct Dist;

/// Nothing but the console's own files runs or frames; pictures of users come from wherever their host keeps them.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' https: http:; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'",
);
const REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
/// Their names change with their content.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Encodings there may be a copy of, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Parlor</title>\
    <p>This server was built without its pages. Run <code>make run</code>: it builds them first.</p></html>";

pub(super) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/", get(async |headers: HeaderMap| page("index.html", &headers)))
        .route("/demo", get(async |headers: HeaderMap| page("demo.html", &headers)))
        .route("/{file}", get(top_level))
        .route("/assets/{file}", get(asset))
}

fn page(name: &str, headers: &HeaderMap) -> Response {
    match file(name, headers) {
        Some(response) => response,
        None => (StatusCode::NOT_FOUND, framed(), Html(NOT_BUILT)).into_response(),
    }
}

async fn top_level(Path(name): Path<String>, headers: HeaderMap) -> Response {
    // Pages have one address each.
    let found = (!name.ends_with(".html")).then(|| file(&name, &headers)).flatten();
    found.unwrap_or_else(|| Problem::new(Code::NotFound).into_response())
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match file(&format!("assets/{name}"), &headers) {
        Some(mut response) => {
            response.headers_mut().insert(header::CACHE_CONTROL, FOREVER);
            response
        }
        None => Problem::new(Code::NotFound).into_response(),
    }
}

/// One embedded file, in the best encoding the caller takes. Only names that were embedded exist: no path leads out.
fn file(name: &str, headers: &HeaderMap) -> Option<Response> {
    let media_type = media_type(name)?;
    let plain = embedded(name)?;
    let etag = etag(&plain);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        let tag = HeaderValue::from_str(&etag).ok()?;
        return Some((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let encoded = ENCODINGS
        .iter()
        .filter(|(encoding, _)| accepts(headers, encoding))
        .find_map(|(encoding, suffix)| embedded(&format!("{name}{suffix}")).map(|copy| (*encoding, copy)));
    let (encoding, bytes) = match encoded {
        Some((encoding, copy)) => (Some(encoding), copy.data),
        None => (None, plain.data),
    };
    let body = match bytes {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response = (framed(), body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, ASK_AGAIN);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).ok()?);
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

fn embedded(name: &str) -> Option<EmbeddedFile> {
    // In a debug build the files are read from the disk, where `..` would mean something.
    if name.contains("..") || name.contains('\\') { None } else { Dist::get(name) }
}

fn framed() -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, REFERRER),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ]
}

fn etag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{hex}\"")
}

/// Whether an encoding is named and not refused with `q=0` (RFC 9110, section 12.5.3).
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let all = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        named && !parts.any(|q| matches!(q, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn media_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}
