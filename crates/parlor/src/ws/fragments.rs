//! How many pieces a message comes in. Whoever puts the pieces together does not tell, so the frames' headers are read
//! here as they pass (RFC 6455, 5.2): a message of nothing but empty pieces would never end and never grow.

use parlor_core::limits;

/// The place in a stream of frames, and the pieces so far of the message it is in.
#[derive(Default)]
pub struct Fragments {
    header: [u8; HEADER_BYTES],
    header_read: usize,
    /// Bytes of mask and payload that are still to pass.
    skip: u64,
    pieces: usize,
    empty: usize,
    is_flood: bool,
}

/// A header without its mask.
const HEADER_BYTES: usize = 10;
const FINAL: u8 = 0x80;
const CONTROL: u8 = 0x08;
const MASKED: u8 = 0x80;
const MASK_BYTES: u64 = 4;

impl Fragments {
    /// The stream's next bytes, split wherever they are.
    pub fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
            self.skip -= skipped as u64;
            bytes = &bytes[skipped..];
            let Some((first, rest)) = bytes.split_first() else { return };
            bytes = rest;
            self.header[self.header_read] = *first;
            self.header_read += 1;
            if let Some(payload) = payload(&self.header[..self.header_read]) {
                self.count(payload);
            }
        }
    }

    /// Whether a message came in more pieces than any needs.
    #[must_use]
    pub fn is_flood(&self) -> bool {
        self.is_flood
    }

    fn count(&mut self, payload: u64) {
        let [first, second, ..] = self.header;
        self.header_read = 0;
        self.skip = payload.saturating_add(if second & MASKED == 0 { 0 } else { MASK_BYTES });
        if first & CONTROL != 0 {
            return;
        }
        if first & FINAL != 0 {
            (self.pieces, self.empty) = (0, 0);
            return;
        }
        self.pieces += 1;
        self.empty += usize::from(payload == 0);
        self.is_flood |= self.pieces > limits::FRAGMENTS || self.empty > limits::FRAGMENTS_EMPTY;
    }
}

/// The length that a header says, once all of it is there.
fn payload(header: &[u8]) -> Option<u64> {
    match (header.get(1)? & !MASKED, header.get(2..)?) {
        (126, [a, b, ..]) => Some(u16::from_be_bytes([*a, *b]).into()),
        (127, [a, b, c, d, e, f, g, h]) => Some(u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h])),
        (126 | 127, _) => None,
        (short, _) => Some(short.into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: u8 = 1;
    const CONTINUE: u8 = 0;
    const PING: u8 = 9;

    fn frame(first: u8, payload: usize, is_masked: bool) -> Vec<u8> {
        let mask = if is_masked { MASKED } else { 0 };
        let mut bytes = vec![first];
        match payload {
            0..126 => bytes.push(mask | payload as u8),
            126..0x1_0000 => {
                bytes.push(mask | 126);
                bytes.extend((payload as u16).to_be_bytes());
            }
            _ => {
                bytes.push(mask | 127);
                bytes.extend((payload as u64).to_be_bytes());
            }
        }
        // Bytes that would be taken for the first piece of a message if the place were lost.
        bytes.resize(bytes.len() + if is_masked { 4 } else { 0 } + payload, TEXT);
        bytes
    }

    fn passed(bytes: &[u8]) -> Fragments {
        let mut fragments = Fragments::default();
        fragments.pass(bytes);
        fragments
    }

    #[test]
    fn a_message_comes_in_as_many_pieces_as_any_needs_and_no_more() {
        for (most, payload) in [(limits::FRAGMENTS_EMPTY, 0), (limits::FRAGMENTS, 1)] {
            let mut fragments = passed(&frame(TEXT, payload, true));
            for _ in 1..most {
                fragments.pass(&frame(CONTINUE, payload, true));
            }
            assert!(!fragments.is_flood());
            fragments.pass(&frame(CONTINUE, payload, true));
            assert!(fragments.is_flood());
            fragments.pass(&frame(FINAL | CONTINUE, payload, true));
            assert!(fragments.is_flood(), "it stays one");
        }
    }

    #[test]
    fn each_message_is_counted_by_itself_whatever_comes_between() {
        let mut fragments = Fragments::default();
        for _ in 0..10 * limits::FRAGMENTS {
            fragments.pass(&frame(TEXT, 0, true));
            fragments.pass(&frame(FINAL | PING, 0, true));
            fragments.pass(&frame(FINAL | CONTINUE, 0, true));
            fragments.pass(&frame(FINAL | TEXT, 0, true));
        }
        assert!(!fragments.is_flood());
        fragments.pass(&frame(TEXT, 0, true));
        for _ in 0..limits::FRAGMENTS_EMPTY {
            fragments.pass(&frame(FINAL | PING, 5, true));
            fragments.pass(&frame(CONTINUE, 0, true));
        }
        assert!(fragments.is_flood(), "a ping ends no message");
    }

    #[test]
    fn a_length_beyond_all_bounds_is_only_waited_for() {
        let mut fragments = passed(&[TEXT, MASKED | 127]);
        fragments.pass(&[0xff; 8]);
        fragments.pass(&[TEXT; 64 * 1024]);
        assert_eq!(fragments.pieces, 1);
    }

    fn frames() -> impl Strategy<Value = Vec<(u8, usize, bool)>> {
        let first = prop::sample::select(vec![TEXT, CONTINUE, FINAL | CONTINUE, FINAL | TEXT, FINAL | PING]);
        let payload =
            prop_oneof![Just(0), 0..200_usize, prop::sample::select(vec![125, 126, 65_535, 65_536])];
        prop::collection::vec((first, payload, any::<bool>()), 0..40)
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_split_the_count_is_the_same(
            frames in frames(),
            splits in prop::collection::vec(1..5_000_usize, 1..20),
        ) {
            let mut open = Vec::new();
            for (first, payload, _) in &frames {
                match *first {
                    TEXT | CONTINUE => open.push(*payload),
                    first if first & CONTROL == 0 => open.clear(),
                    _ => {}
                }
            }
            let bytes: Vec<u8> =
                frames.iter().flat_map(|(first, payload, is_masked)| frame(*first, *payload, *is_masked)).collect();
            let (mut fragments, mut rest) = (Fragments::default(), bytes.as_slice());
            for split in splits.iter().cycle() {
                let (now, later) = rest.split_at((*split).min(rest.len()));
                fragments.pass(now);
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!((fragments.header_read, fragments.skip), (0, 0));
            let empty = open.iter().filter(|payload| **payload == 0).count();
            prop_assert_eq!((fragments.pieces, fragments.empty), (open.len(), empty));
        }
    }
}
