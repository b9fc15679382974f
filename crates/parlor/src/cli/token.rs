//! `parlor token`.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use parlor_core::access::Role;
use parlor_core::id::{AgentId, UserId};
use parlor_core::limits;

use super::store::Place;
use crate::ambient::{Ambient, Machine};
use crate::service::tokens::{Claims, sign};
use crate::store::SecretKind;

/// Print a signed token, and nothing else, on stdout.
///
/// Works with the server running or not. The token is for `Authorization: Bearer …`.
#[derive(Debug, Args)]
pub struct Token {
    /// What its holder is.
    #[arg(long)]
    role: TokenRole,
    /// Who its holder is: an agent's id, a service's name, or for a visitor the user's id.
    #[arg(long)]
    sub: String,
    /// What they are called.
    #[arg(long)]
    name: Option<String>,
    /// Their e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// How long it holds, like 30m, 12h or 7d; a visitor's at most 30d.
    #[arg(long, default_value = "12h", value_parser = parse_ttl)]
    ttl: Duration,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TokenRole {
    Visitor,
    Agent,
    Admin,
    Service,
}

impl From<TokenRole> for Role {
    fn from(role: TokenRole) -> Self {
        match role {
            TokenRole::Visitor => Role::Visitor,
            TokenRole::Agent => Role::Agent,
            TokenRole::Admin => Role::Admin,
            TokenRole::Service => Role::Service,
        }
    }
}

/// A whole number with s, m, h or d behind it.
fn parse_ttl(text: &str) -> Result<Duration, String> {
    let unit = text.chars().last().unwrap_or_default();
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return Err("write it like 30m, 12h or 7d".to_owned()),
    };
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| "write it like 30m, 12h or 7d".to_owned())?;
    match count.checked_mul(seconds).filter(|s| (1..=limits::TOKEN_S).contains(s)) {
        Some(s) => Ok(Duration::from_secs(s)),
        None => Err("must be 1 second to 366 days".to_owned()),
    }
}

impl Token {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let role = Role::from(self.role);
        AgentId::parse(&self.sub).context("--sub must be 1 to 128 bytes without control characters")?;
        if self.sub.starts_with(UserId::ANONYMOUS_PREFIX) {
            bail!("--sub must not start with anon_: such ids are the server's own");
        }
        let ttl_s = i64::try_from(self.ttl.as_secs()).context("--ttl is too long")?;
        if role == Role::Visitor && ttl_s > limits::VISITOR_TOKEN_S {
            bail!("--ttl of a visitor's token must be at most 30d");
        }
        let store = self.place.open()?;
        let workspace = self.place.workspace(&*store).await?;
        let secret = workspace.secrets.iter().find(|secret| secret.kind == SecretKind::Api);
        let secret = secret.context("the workspace has no api secret")?;
        let claims = Claims {
            name: self.name,
            email: self.email,
            ..Claims::new(&self.sub, role, Machine.now(), ttl_s)
        };
        println!("{}", sign(&secret.kid, &secret.bytes, &claims));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ttl_is_a_number_and_a_unit() {
        assert_eq!(parse_ttl("12h"), Ok(Duration::from_secs(12 * 3600)));
        assert_eq!(parse_ttl("90s"), Ok(Duration::from_secs(90)));
        for wrong in ["", "h", "12", "12w", "-1h", "0s", "99999d", "1é"] {
            assert!(parse_ttl(wrong).is_err(), "{wrong}");
        }
    }
}
