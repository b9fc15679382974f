//! Tokens, signed here as a host application signs them: a process for each of ten thousand visitors would take minutes.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::server::Launch;

/// Seconds a token holds.
const TTL_S: u64 = 12 * 3600;

/// Signs tokens of a server's workspace.
#[derive(Clone)]
pub struct Signer {
    kid: String,
    mac: Hmac<Sha256>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Signer({})", self.kid)
    }
}

impl Signer {
    /// With the workspace's `api` secret, which signs any role.
    pub fn of(launch: &Launch) -> anyhow::Result<Self> {
        let output = launch.command().args(["workspace", "show", "--secrets"]).output();
        let output = output.context("cannot run parlor workspace")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "parlor workspace failed: {}", said.trim());
        Self::parse(&String::from_utf8(output.stdout)?).context("parlor workspace shows no api secret")
    }

    fn parse(shown: &str) -> Option<Self> {
        let line = shown.lines().find(|line| line.starts_with("api "))?;
        let mut words = line.split_whitespace().skip_while(|word| *word != "kid").skip(1);
        let (kid, secret) = (words.next()?, words.last()?);
        Some(Signer { kid: kid.to_owned(), mac: Hmac::new_from_slice(secret.as_bytes()).ok()? })
    }

    /// A token of `role` for `sub`, called `name`.
    pub fn sign(&self, role: &str, sub: &str, name: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let header = serde_json::json!({ "alg": "HS256", "typ": "JWT", "kid": self.kid });
        let claims = serde_json::json!({
            "aud": "parlor", "role": role, "sub": sub, "name": name, "iat": now, "exp": now + TTL_S,
        });
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut mac = self.mac.clone();
        mac.update(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{signed}.{signature}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_secret_is_the_last_word_of_its_line() {
        let shown = "name        default\npublic key  pk_1\norigins     \n\
                     identity    kid k0  since 2026-01-01T00:00:00.000Z  other\n\
                     api         kid k1  since 2026-01-01T00:00:00.000Z  secret\n";
        let signer = Signer::parse(shown).unwrap();
        let token = signer.sign("agent", "ada", "Ada");
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
        mac.update(signed.as_bytes());
        assert_eq!(signature, URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        assert_eq!(signer.kid, "k1");
        assert!(Signer::parse("name x\n").is_none());
    }
}
