//! Tokens: JWTs (RFC 7519) signed with HS256 and nothing else.
//!
//! The format is small and only one algorithm of it is wanted, so it is written out here over `hmac`: no header a caller
//! sends can choose another, and the time is the injected one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use parlor_core::access::Role;
use parlor_core::id::{AgentId, UserId};
use parlor_core::limits;
use parlor_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::store::SecretKind;

/// What tokens of Parlor are made for.
const AUDIENCE: &str = "parlor";

/// A token's claims (contract, section 2). Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Whose: at most 128 bytes.
    pub sub: String,
    /// As what.
    pub role: String,
    /// Always `parlor`.
    pub aud: Audience,
    /// Signed at.
    pub iat: Seconds,
    /// Holds until.
    pub exp: Seconds,
    /// Holds from, when the signer says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<Seconds>,
    /// What they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// One audience or several (RFC 7519, section 4.1.3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// A `NumericDate`; some libraries write fractions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "f64", into = "i64")]
pub struct Seconds(pub i64);

impl From<f64> for Seconds {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, and dates beyond i64 are refused anyway"
    )]
    fn from(seconds: f64) -> Self {
        Self(seconds as i64)
    }
}

impl From<Seconds> for i64 {
    fn from(seconds: Seconds) -> Self {
        seconds.0
    }
}

impl Claims {
    /// Claims of `sub` as `role`, from `now` for `ttl_s` seconds.
    #[must_use]
    pub fn new(sub: &str, role: Role, now: Timestamp, ttl_s: i64) -> Self {
        let iat = now.0.div_euclid(1000);
        Self {
            sub: sub.to_owned(),
            role: role.as_str().to_owned(),
            aud: Audience::One(AUDIENCE.to_owned()),
            iat: Seconds(iat),
            exp: Seconds(iat.saturating_add(ttl_s)),
            nbf: None,
            name: None,
            email: None,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
    kid: String,
    /// Extensions the reader must understand; there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crit: Option<serde_json::Value>,
}

/// A signed token.
#[must_use]
pub fn sign(kid: &str, secret: &[u8], claims: &Claims) -> String {
    let header =
        Header { alg: "HS256".to_owned(), typ: Some("JWT".to_owned()), kid: kid.to_owned(), crit: None };
    let part = |json: serde_json::Result<Vec<u8>>| {
        URL_SAFE_NO_PAD.encode(json.expect("strings and numbers are plain JSON"))
    };
    let signed = format!("{}.{}", part(serde_json::to_vec(&header)), part(serde_json::to_vec(claims)));
    let signature = URL_SAFE_NO_PAD.encode(mac(secret, &signed).finalize().into_bytes());
    format!("{signed}.{signature}")
}

fn mac(secret: &[u8], signed: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(signed.as_bytes());
    mac
}

/// A token cut into its parts, its signature not yet checked.
pub struct Unverified<'a> {
    /// Names the secret.
    pub kid: String,
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

/// What a secret may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// A secret of the workspace.
    Workspace(SecretKind),
    /// The server itself, for visitors nobody vouches for.
    Anonymous,
}

impl<'a> Unverified<'a> {
    /// `None` when this is no token of ours: malformed, too long, another algorithm.
    #[must_use]
    pub fn parse(token: &'a str) -> Option<Self> {
        if token.len() > limits::TOKEN_BYTES {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let ours = header.alg == "HS256" && header.crit.is_none();
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        ours.then_some(Self { kid: header.kid, signed, claims, signature })
    }

    /// The claims, if `secret` signed them, may sign them, and they hold at `now`. Compares in constant time.
    #[must_use]
    pub fn verify(&self, signer: Signer, secret: &[u8], now: Timestamp) -> Option<Verified> {
        mac(secret, self.signed).verify_slice(&self.signature).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(self.claims).ok()?).ok()?;
        Verified::of(claims, signer, now)
    }
}

/// Claims that hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Whose.
    pub sub: AgentId,
    /// As what.
    pub role: Role,
    /// Signed at.
    pub issued_at: Timestamp,
    /// Holds until, leeway not added.
    pub expires_at: Timestamp,
    /// What they are called.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<String>,
}

impl Verified {
    fn of(claims: Claims, signer: Signer, now: Timestamp) -> Option<Self> {
        let role = Role::parse(&claims.role)?;
        let sub = AgentId::parse(&claims.sub)?;
        let audience = match &claims.aud {
            Audience::One(aud) => aud == AUDIENCE,
            Audience::Several(all) => all.iter().any(|aud| aud == AUDIENCE),
        };
        let (Seconds(iat), Seconds(exp)) = (claims.iat, claims.exp);
        let now_s = now.0.div_euclid(1000);
        let leeway = limits::TOKEN_LEEWAY_S;
        let begun = iat.max(claims.nbf.map_or(i64::MIN, |nbf| nbf.0)) <= now_s.saturating_add(leeway);
        let holds = audience && begun && now_s < exp.saturating_add(leeway) && iat < exp;
        let lives = exp.saturating_sub(iat);
        let anonymous = sub.as_str().starts_with(UserId::ANONYMOUS_PREFIX);
        let may = match (signer, role) {
            (Signer::Anonymous, role) => role == Role::Visitor && anonymous,
            // Nobody's word but ours makes somebody one of our anonymous visitors.
            (Signer::Workspace(_), _) if anonymous => false,
            (Signer::Workspace(_), Role::Visitor) => true,
            (Signer::Workspace(kind), _) => kind == SecretKind::Api,
        };
        let short = role != Role::Visitor || lives <= limits::VISITOR_TOKEN_S;
        (holds && may && short).then(|| Self {
            sub,
            role,
            issued_at: Timestamp::default().plus_s(iat),
            expires_at: Timestamp::default().plus_s(exp),
            name: claims.name,
            email: claims.email,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const SECRET: &[u8] = b"a secret of 32 bytes, more or so";
    const API: Signer = Signer::Workspace(SecretKind::Api);
    const IDENTITY: Signer = Signer::Workspace(SecretKind::Identity);

    fn verify(token: &str, signer: Signer) -> Option<Verified> {
        Unverified::parse(token)?.verify(signer, SECRET, NOW)
    }

    fn signed(claims: &Claims) -> String {
        sign("k1", SECRET, claims)
    }

    fn with_header(header: &str, claims: &Claims) -> String {
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!("{}.{}", part(header.as_bytes()), part(&serde_json::to_vec(claims).unwrap()));
        let signature = URL_SAFE_NO_PAD.encode(mac(SECRET, &signed).finalize().into_bytes());
        format!("{signed}.{signature}")
    }

    #[test]
    fn what_was_signed_verifies() {
        let claims = Claims { name: Some("Ada".into()), ..Claims::new("ada", Role::Agent, NOW, 3600) };
        let token = signed(&claims);
        let verified = verify(&token, API).expect("a token of ours");
        assert_eq!((verified.sub.as_str(), verified.role), ("ada", Role::Agent));
        assert_eq!((verified.issued_at, verified.expires_at), (NOW, NOW.plus_s(3600)));
        assert_eq!(verified.name.as_deref(), Some("Ada"));
    }

    /// RFC 7515, appendix A.1: the same signature over the same bytes, so that other libraries' tokens are ours.
    #[test]
    fn the_signature_is_the_standards() {
        let key = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = URL_SAFE_NO_PAD.encode(mac(&key, signed).finalize().into_bytes());
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn a_changed_or_cut_token_does_not_verify() {
        let token = signed(&Claims::new("ada", Role::Agent, NOW, 3600));
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(verify(&String::from_utf8(bytes).unwrap(), API), None, "character {at}");
            assert_eq!(verify(&token[..at], API), None, "cut at {at}");
        }
        assert!(Unverified::parse(&token).unwrap().verify(API, b"another secret", NOW).is_none());
    }

    #[test]
    fn no_other_algorithm_is_ever_looked_at() {
        let claims = Claims::new("ada", Role::Agent, NOW, 3600);
        for alg in ["none", "None", "hs256", "HS384", "HS512", "RS256", "ES256", ""] {
            let token = with_header(&format!(r#"{{"alg":"{alg}","kid":"k1"}}"#), &claims);
            assert_eq!(verify(&token, API), None, "{alg}");
        }
        let token = with_header(r#"{"alg":"HS256","kid":"k1","crit":["exp"]}"#, &claims);
        assert_eq!(verify(&token, API), None);
        let unsigned = signed(&claims).rsplit_once('.').map(|(signed, _)| format!("{signed}.")).unwrap();
        assert_eq!(verify(&unsigned, API), None);
    }

    #[test]
    fn times_hold_with_a_minute_of_leeway() {
        let token =
            |iat_s: i64, ttl_s: i64| signed(&Claims::new("ada", Role::Agent, NOW.plus_s(iat_s), ttl_s));
        assert!(verify(&token(-3600, 3600 - 59), API).is_some(), "expired less than a minute ago");
        assert!(verify(&token(-3600, 3600 - 60), API).is_none(), "expired a minute ago");
        assert!(verify(&token(60, 3600), API).is_some(), "signed by a clock a minute ahead");
        assert!(verify(&token(61, 3600), API).is_none(), "signed in the future");
        assert!(verify(&token(0, 0), API).is_none(), "never held");
        let later =
            Claims { nbf: Some(Seconds(NOW.0 / 1000 + 61)), ..Claims::new("a", Role::Agent, NOW, 3600) };
        assert!(verify(&signed(&later), API).is_none(), "not yet valid");
    }

    #[test]
    fn each_kind_of_secret_signs_its_roles() {
        for role in Role::ALL {
            let token = signed(&Claims::new("x", *role, NOW, 3600));
            assert!(verify(&token, API).is_some(), "{role:?}");
            assert_eq!(verify(&token, IDENTITY).is_some(), *role == Role::Visitor, "{role:?}");
            assert!(verify(&token, Signer::Anonymous).is_none(), "{role:?}");
        }
    }

    #[test]
    fn only_the_server_makes_anonymous_visitors() {
        let token = signed(&Claims::new("anon_1", Role::Visitor, NOW, 3600));
        assert!(verify(&token, API).is_none());
        assert!(verify(&token, IDENTITY).is_none());
        assert!(verify(&token, Signer::Anonymous).is_some());
        let agent = signed(&Claims::new("anon_1", Role::Agent, NOW, 3600));
        assert!(verify(&agent, Signer::Anonymous).is_none());
    }

    #[test]
    fn claims_have_bounds() {
        let visitor = |ttl_s| signed(&Claims::new("u", Role::Visitor, NOW, ttl_s));
        assert!(verify(&visitor(limits::VISITOR_TOKEN_S), IDENTITY).is_some());
        assert!(verify(&visitor(limits::VISITOR_TOKEN_S + 1), IDENTITY).is_none());
        let sub = |sub: &str| signed(&Claims::new(sub, Role::Agent, NOW, 60));
        assert!(verify(&sub(&"x".repeat(128)), API).is_some());
        assert!(verify(&sub(&"x".repeat(129)), API).is_none());
        assert!(verify(&sub(""), API).is_none());
        let other = Claims { aud: Audience::One("other".into()), ..Claims::new("a", Role::Agent, NOW, 60) };
        assert!(verify(&signed(&other), API).is_none());
        let several = Audience::Several(vec!["other".into(), "parlor".into()]);
        assert!(verify(&signed(&Claims { aud: several, ..other }), API).is_some());
        assert!(
            verify(&signed(&Claims { role: "root".into(), ..Claims::new("a", Role::Agent, NOW, 60) }), API)
                .is_none()
        );
    }
}
