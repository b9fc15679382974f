//! Cursors: a sealed (workspace, epoch, rev), good for every topic of its workspace.
//!
//! Sealed deterministically, so that the same place is always the same text and a heartbeat's head can be compared
//! with it: a synthetic-IV construction (RFC 5297's idea) over HMAC-SHA256. Sealing hides the revision, which would
//! tell a visitor how busy the workspace is.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::id::WorkspaceKey;

const TAG: usize = 16;
const PLAIN: usize = 24;

/// Where somebody is in a workspace's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Whose changes.
    pub workspace: WorkspaceKey,
    /// Which life of the store.
    pub epoch: u64,
    /// The last revision seen.
    pub rev: u64,
}

/// The key cursors are sealed with; one for the whole store.
#[derive(Clone)]
pub struct CursorKey {
    tag: Hmac<Sha256>,
    hide: Hmac<Sha256>,
}

impl CursorKey {
    /// Derives both keys from the stored 32 bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let derive = |label: &[u8]| {
            let mut mac = keyed(key);
            mac.update(label);
            keyed(&mac.finalize().into_bytes())
        };
        Self { tag: derive(b"cursor tag"), hide: derive(b"cursor hide") }
    }

    /// The cursor's text: 40 bytes as base64url.
    #[must_use]
    pub fn seal(&self, cursor: &Cursor) -> String {
        let mut out = [0; TAG + PLAIN];
        out[TAG..TAG + 8].copy_from_slice(&cursor.workspace.0.to_be_bytes());
        out[TAG + 8..TAG + 16].copy_from_slice(&cursor.epoch.to_be_bytes());
        out[TAG + 16..].copy_from_slice(&cursor.rev.to_be_bytes());
        let tag = self.tag(&out[TAG..]);
        out[..TAG].copy_from_slice(&tag);
        self.mask(&tag, &mut out[TAG..]);
        URL_SAFE_NO_PAD.encode(out)
    }

    /// The cursor behind a text; `None` when it is malformed, tampered with, or not ours.
    #[must_use]
    pub fn open(&self, text: &str) -> Option<Cursor> {
        let mut bytes: [u8; TAG + PLAIN] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let mut tag = [0; TAG];
        tag.copy_from_slice(&bytes[..TAG]);
        self.mask(&tag, &mut bytes[TAG..]);
        let mut mac = self.tag.clone();
        mac.update(&bytes[TAG..]);
        mac.verify_truncated_left(&tag).ok()?;
        let number = |at: usize| Some(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let workspace = WorkspaceKey(i64::from_be_bytes(number(TAG)?.to_be_bytes()));
        Some(Cursor { workspace, epoch: number(TAG + 8)?, rev: number(TAG + 16)? })
    }

    fn tag(&self, plain: &[u8]) -> [u8; TAG] {
        let mut mac = self.tag.clone();
        mac.update(plain);
        let mut tag = [0; TAG];
        tag.copy_from_slice(&mac.finalize().into_bytes()[..TAG]);
        tag
    }

    fn mask(&self, tag: &[u8; TAG], plain: &mut [u8]) {
        let mut mac = self.hide.clone();
        mac.update(tag);
        let stream = mac.finalize().into_bytes();
        plain.iter_mut().zip(stream).for_each(|(byte, mask)| *byte ^= mask);
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Cursor = Cursor { workspace: WorkspaceKey(7), epoch: 3, rev: 12_345 };

    #[test]
    fn a_cursor_opens_to_what_was_sealed_and_seals_the_same_again() {
        let key = CursorKey::new(&[1; 32]);
        assert_eq!(key.open(&key.seal(&AT)), Some(AT));
        assert_eq!(key.seal(&AT), key.seal(&AT));
    }

    #[test]
    fn no_changed_character_opens() {
        let key = CursorKey::new(&[1; 32]);
        let sealed = key.seal(&AT);
        for i in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            let text = String::from_utf8(bytes).expect("ASCII");
            assert_ne!(key.open(&text), Some(AT), "character {i}");
            assert!(key.open(&text).is_none(), "character {i}");
        }
    }

    #[test]
    fn another_key_opens_nothing() {
        assert!(CursorKey::new(&[2; 32]).open(&CursorKey::new(&[1; 32]).seal(&AT)).is_none());
    }
}
