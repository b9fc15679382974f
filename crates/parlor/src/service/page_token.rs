//! `pageToken`: a place in an order of the inbox, as text nobody else can make.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use parlor_core::id::{ConversationId, WorkspaceKey};
use sha2::Sha256;
use uuid::Uuid;

use crate::store::{PageKey, Sort};

const VALUE: usize = 8;
const PLAIN: usize = VALUE + 16;
const TAG: usize = 16;

/// Seals and opens the page tokens of one workspace.
pub(super) struct PageTokens {
    mac: Hmac<Sha256>,
}

impl PageTokens {
    pub(super) fn new(sealing_key: &[u8; 32], workspace: WorkspaceKey) -> Self {
        let mut mac = Hmac::new_from_slice(sealing_key).expect("HMAC takes keys of any length");
        mac.update(b"page token");
        mac.update(&workspace.0.to_be_bytes());
        Self { mac }
    }

    pub(super) fn seal(&self, at: &PageKey, sort: Sort) -> String {
        let mut out = Vec::with_capacity(PLAIN + TAG);
        out.extend_from_slice(&at.value.to_be_bytes());
        out.extend_from_slice(at.id.0.as_bytes());
        let tag = self.tag(&out, sort).finalize().into_bytes();
        out.extend_from_slice(&tag[..TAG]);
        URL_SAFE_NO_PAD.encode(out)
    }

    /// `None` when it is not ours, or was made for another order or workspace.
    pub(super) fn open(&self, text: &str, sort: Sort) -> Option<PageKey> {
        let bytes: [u8; PLAIN + TAG] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (plain, tag) = bytes.split_at(PLAIN);
        self.tag(plain, sort).verify_truncated_left(tag).ok()?;
        let (value, id) = plain.split_at(VALUE);
        Some(PageKey {
            value: i64::from_be_bytes(value.try_into().ok()?),
            id: ConversationId(Uuid::from_slice(id).ok()?),
        })
    }

    fn tag(&self, plain: &[u8], sort: Sort) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(match sort {
            Sort::Newest => b"n",
            Sort::Oldest => b"o",
            Sort::MostMessages => b"m",
            Sort::LeastMessages => b"l",
        });
        mac.update(plain);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_for_its_order_and_workspace_only() {
        let tokens = PageTokens::new(&[1; 32], WorkspaceKey(1));
        let at = PageKey { value: -5, id: ConversationId(Uuid::from_u128(7)) };
        let sealed = tokens.seal(&at, Sort::Newest);
        assert_eq!(tokens.open(&sealed, Sort::Newest), Some(at));
        assert_eq!(tokens.open(&sealed, Sort::Oldest), None);
        assert_eq!(PageTokens::new(&[1; 32], WorkspaceKey(2)).open(&sealed, Sort::Newest), None);
        assert_eq!(PageTokens::new(&[2; 32], WorkspaceKey(1)).open(&sealed, Sort::Newest), None);
    }

    #[test]
    fn no_changed_character_opens() {
        let tokens = PageTokens::new(&[1; 32], WorkspaceKey(1));
        let sealed = tokens.seal(&PageKey { value: 1, id: ConversationId(Uuid::nil()) }, Sort::Newest);
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(tokens.open(&changed, Sort::Newest), None, "character {at}");
        }
        assert_eq!(tokens.open("", Sort::Newest), None);
        assert_eq!(tokens.open(&sealed[1..], Sort::Newest), None);
    }
}
