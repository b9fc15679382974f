//! Who is calling, from a request's headers (contract, section 2).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use parlor_core::access::Principal;
use parlor_core::error::Code;

use crate::http::body::is_json;
use crate::service::Service;
use crate::service::auth::Caller;
use crate::wire::Problem;

const COOKIE: &str = "parlor_session";
/// Browsers take this one only over TLS, for this host and every path (RFC 6265bis, section 4.1.3.2).
const SECURE_COOKIE: &str = "__Host-parlor_session";

/// The caller, proven by a bearer token or, failing that, the console's cookie.
pub struct Authenticated(pub Caller);

impl Authenticated {
    /// What rules ask for.
    #[must_use]
    pub fn by(&self) -> &Principal {
        &self.0.principal
    }
}

impl FromRequestParts<Arc<Service>> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        if let Some(token) = bearer(&parts.headers)? {
            return service.authenticate_token(token).await.map(Self);
        }
        let cookie = cookie(service, &parts.headers).ok_or(Code::Unauthenticated)?;
        if !parts.method.is_safe() {
            service.check_origin(origin(&parts.headers))?;
            // A form of another page could send anything else without asking first.
            if parts.method != Method::DELETE && !is_json(&parts.headers) {
                return Err(Code::UnsupportedMediaType.into());
            }
        }
        service.authenticate_session(cookie).await.map(Self)
    }
}

/// The bearer token, if an `Authorization` header is there; another scheme does not hold.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().map_err(|_| Code::Unauthenticated)?;
    let (scheme, token) = text.split_once(' ').ok_or(Code::Unauthenticated)?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    if is_bearer { Ok(Some(token.trim())) } else { Err(Code::Unauthenticated.into()) }
}

/// The console's session token, if its cookie is there.
pub fn cookie<'a>(service: &Service, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = cookie_name(service);
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The origin of the page that calls, as its browser says.
pub fn origin(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ORIGIN).and_then(|value| value.to_str().ok())
}

/// The console's cookie; an empty token takes it away.
pub(super) fn set_cookie(service: &Service, token: &str, max_age_s: i64) -> String {
    let secure = if service.is_secure() { "; Secure" } else { "" };
    let name = cookie_name(service);
    format!("{name}={token}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age_s}{secure}")
}

fn cookie_name(service: &Service) -> &'static str {
    if service.is_secure() { SECURE_COOKIE } else { COOKIE }
}
