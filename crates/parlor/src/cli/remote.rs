//! A running server, reached over HTTP.

use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, Uri, header, uri::Scheme};
use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use parlor_core::limits;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

/// Which server, and who asks it.
#[derive(Debug, Clone, Args)]
pub(super) struct Server {
    /// Go through the server that runs there, like http://127.0.0.1:7070.
    #[arg(long, requires = "token", value_parser = parse_url)]
    url: Option<Uri>,
    /// With --url: an administrator's token, as `parlor token --role admin` prints it.
    #[arg(long, env = "PARLOR_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

fn parse_url(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|_| "must be like http://127.0.0.1:7070".to_owned())?;
    let is_bare = matches!(uri.path_and_query().map(|rest| rest.as_str()), None | Some("/"));
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP && uri.authority().is_some() && is_bare => Ok(uri),
        Some(scheme) if *scheme == Scheme::HTTPS => Err(
            "TLS is the proxy's; name the address the server itself listens on, like http://127.0.0.1:7070"
                .to_owned(),
        ),
        _ => Err("must be like http://127.0.0.1:7070".to_owned()),
    }
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// There is no server, or it is gone.
    #[error("{url} cannot be reached: {why}")]
    Unreachable {
        /// Where.
        url: Uri,
        /// Why.
        why: anyhow::Error,
    },
    /// It did not do it.
    #[error("{url} answered: {why}")]
    Refused {
        /// Where.
        url: Uri,
        /// How.
        status: StatusCode,
        /// Why.
        why: String,
    },
}

/// The part of a problem that people read.
#[derive(Deserialize)]
struct Problem {
    title: String,
    #[serde(default)]
    detail: Option<String>,
}

/// What is asked of a server.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) media_type: &'static str,
    pub(super) body: Bytes,
}

impl Server {
    /// Whether the command goes through one.
    pub(super) fn is_named(&self) -> bool {
        self.url.is_some()
    }

    /// Asks, and reads the answer. A connection of its own for each: between two the server may have hung up.
    pub(super) async fn call<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, CallError> {
        let url = self.url.clone().unwrap_or_default();
        let wait = Duration::from_secs(limits::ANSWER_WAIT_S);
        let exchanged = match tokio::time::timeout(wait, self.exchange(&url, call)).await {
            Ok(exchanged) => exchanged,
            Err(_) => Err(anyhow!("there was no answer within {} seconds", wait.as_secs())),
        };
        let (status, answer) = match exchanged {
            Ok(answered) => answered,
            Err(why) => return Err(CallError::Unreachable { url, why }),
        };
        let why = if status.is_success() {
            match serde_json::from_slice(&answer) {
                Ok(answer) => return Ok(answer),
                Err(_) => "what no Parlor of this version does".to_owned(),
            }
        } else {
            match serde_json::from_slice::<Problem>(&answer) {
                Ok(Problem { title, detail: Some(detail) }) => format!("{title}: {detail}"),
                Ok(Problem { title, detail: None }) => title,
                Err(_) => format!("{status}, as no Parlor does"),
            }
        };
        Err(CallError::Refused { url, status, why })
    }

    async fn exchange(
        &self,
        url: &Uri,
        Call { method, path, media_type, body }: Call<'_>,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let authority = url.authority().context("the address has no host")?;
        let address = format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80));
        let stream = TcpStream::connect(address).await?;
        let (mut requests, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, authority.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.as_deref().unwrap_or_default()))
            .header(header::CONTENT_TYPE, media_type)
            .body(Body::from(body))?;
        let answered = async {
            let response = requests.send_request(request).await?;
            let status = response.status();
            let read = Limited::new(response.into_body(), limits::BODY_BYTES).collect().await;
            Ok((status, read.map_err(|error| anyhow!(error))?.to_bytes()))
        };
        tokio::pin!(answered);
        tokio::select! {
            biased;
            answered = &mut answered => answered,
            // The connection ends first where the server hung up; what it had said until then counts.
            ended = connection => {
                ended?;
                answered.await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_its_own_address() {
        for good in ["http://127.0.0.1:7070", "http://[::1]:7070/", "http://parlor.internal"] {
            assert!(parse_url(good).is_ok(), "{good}");
        }
        for wrong in ["", "127.0.0.1:7070", "/x", "http://", "ftp://x", "http://x/api", "http://x?y"] {
            assert_eq!(parse_url(wrong), Err("must be like http://127.0.0.1:7070".to_owned()), "{wrong}");
        }
        assert!(parse_url("https://chat.example.com").is_err_and(|why| why.contains("TLS")));
    }
}
