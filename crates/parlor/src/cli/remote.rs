//! A running server, reached over HTTP.

use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use axum::body::Body;
use axum::http::{Request, StatusCode, Uri, header, uri::Scheme};
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
    #[arg(long, requires = "token", conflicts_with = "workspace", value_parser = parse_url)]
    pub(super) url: Option<Uri>,
    /// With --url: an administrator's token, as `parlor token --role admin` prints it. Its workspace is the one that counts.
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

/// The part of a problem that people read.
#[derive(Deserialize)]
struct Problem {
    title: String,
    #[serde(default)]
    detail: Option<String>,
}

impl Server {
    /// Posts a body and reads the answer. A connection of its own for each: between two the server may have hung up.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        media_type: &str,
        body: Bytes,
    ) -> anyhow::Result<T> {
        let url = self.url.as_ref().context("no server is named")?;
        let wait = Duration::from_secs(limits::ANSWER_WAIT_S);
        let exchanged = tokio::time::timeout(wait, self.exchange(url, path, media_type, body)).await;
        let (status, answer) = exchanged
            .with_context(|| format!("{url} did not answer within {} seconds", wait.as_secs()))?
            .with_context(|| format!("{url} cannot be reached"))?;
        if status.is_success() {
            return serde_json::from_slice(&answer)
                .with_context(|| format!("{url} is no Parlor, or one of another version"));
        }
        match serde_json::from_slice::<Problem>(&answer) {
            Ok(Problem { title, detail: Some(detail) }) => bail!("{url} answered: {title}: {detail}"),
            Ok(Problem { title, detail: None }) => bail!("{url} answered: {title}"),
            Err(_) => bail!("{url} answered {status}; it is no Parlor, or one of another version"),
        }
    }

    async fn exchange(
        &self,
        url: &Uri,
        path: &str,
        media_type: &str,
        body: Bytes,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let authority = url.authority().context("the address has no host")?;
        let address = format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80));
        let stream = TcpStream::connect(address).await?;
        let (mut requests, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let request = Request::post(path)
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
