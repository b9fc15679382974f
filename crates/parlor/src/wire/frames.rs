//! Frames of the live stream: a JSON object, or an array where several leave together.

use bytes::Bytes;
use parlor_core::limits;

/// Joins objects into as few frames as the bound allows, in order.
#[derive(Debug, Default)]
pub struct Packer {
    open: Open,
}

#[derive(Debug, Default)]
enum Open {
    #[default]
    Nothing,
    /// Left as it is: the usual case copies nothing.
    One(Bytes),
    /// An array without its last bracket.
    Several(Vec<u8>),
}

impl Packer {
    /// Adds an object, or an array of objects. Answers with a frame when one is full.
    pub fn add(&mut self, piece: Bytes) -> Option<Bytes> {
        let (full, open) = match std::mem::take(&mut self.open) {
            Open::Nothing => (None, Open::One(piece)),
            Open::One(first) if objects(&first).len() + objects(&piece).len() + 3 > limits::FRAME_BYTES => {
                (Some(first), Open::One(piece))
            }
            Open::One(first) => {
                let mut array = Vec::with_capacity(first.len() + piece.len() + 3);
                array.push(b'[');
                array.extend_from_slice(objects(&first));
                (None, Open::Several(joined(array, &piece)))
            }
            Open::Several(array) if array.len() + objects(&piece).len() + 2 > limits::FRAME_BYTES => {
                (Some(closed(array)), Open::One(piece))
            }
            Open::Several(array) => (None, Open::Several(joined(array, &piece))),
        };
        self.open = open;
        full
    }

    /// The last frame, if anything is left.
    pub fn finish(&mut self) -> Option<Bytes> {
        match std::mem::take(&mut self.open) {
            Open::Nothing => None,
            Open::One(piece) => Some(piece),
            Open::Several(array) => Some(closed(array)),
        }
    }
}

/// Joins the frames of a group into one array, however large.
#[derive(Debug, Default)]
pub struct Joiner {
    /// An array without its last bracket, once there is a piece.
    open: Vec<u8>,
}

impl Joiner {
    /// Adds a frame. Answers with the group when that was its last.
    pub fn add(&mut self, frame: Bytes, ends_group: bool) -> Option<Bytes> {
        if ends_group && self.open.is_empty() && frame.starts_with(b"[") {
            return Some(frame);
        }
        self.open.push(if self.open.is_empty() { b'[' } else { b',' });
        self.open.extend_from_slice(objects(&frame));
        ends_group.then(|| closed(std::mem::take(&mut self.open)))
    }

    /// Forgets a group that is told again from its beginning.
    pub fn clear(&mut self) {
        self.open.clear();
    }
}

/// Frames of `pieces`, in order.
#[must_use]
pub fn pack(pieces: impl IntoIterator<Item = Bytes>) -> Vec<Bytes> {
    let mut packer = Packer::default();
    let mut frames: Vec<Bytes> = pieces.into_iter().filter_map(|piece| packer.add(piece)).collect();
    frames.extend(packer.finish());
    frames
}

/// What stands between an array's brackets; an object is itself.
fn objects(frame: &[u8]) -> &[u8] {
    match frame {
        [b'[', inside @ .., b']'] => inside,
        object => object,
    }
}

fn joined(mut array: Vec<u8>, piece: &[u8]) -> Vec<u8> {
    array.push(b',');
    array.extend_from_slice(objects(piece));
    array
}

fn closed(mut array: Vec<u8>) -> Bytes {
    array.push(b']');
    array.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn objects_of(frame: &[u8]) -> Vec<Value> {
        match serde_json::from_slice(frame).expect("a frame is JSON") {
            Value::Array(objects) => objects,
            object => vec![object],
        }
    }

    #[test]
    fn one_object_stays_what_it_is_and_shares_its_bytes() {
        let object = Bytes::from_static(br#"{"event":"ok"}"#);
        let frames = pack([object.clone()]);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].as_ptr(), object.as_ptr());
    }

    #[test]
    fn a_group_of_any_number_of_frames_is_one_array() {
        let mut joiner = Joiner::default();
        let frames = [&b"[{\"n\":1},{\"n\":2}]"[..], b"{\"n\":3}", b"{\"n\":4}"].map(Bytes::from_static);
        let [two, third, fourth] = frames;
        assert_eq!(joiner.add(two.clone(), true), Some(two.clone()));
        assert_eq!(joiner.add(third.clone(), true), Some(Bytes::from_static(b"[{\"n\":3}]")));
        assert_eq!(joiner.add(third.clone(), false), None);
        joiner.clear();
        assert_eq!(joiner.add(two, false), None);
        assert_eq!(joiner.add(third, false), None);
        let joined = joiner.add(fourth, true).expect("the group is complete");
        assert_eq!(joined, Bytes::from_static(b"[{\"n\":1},{\"n\":2},{\"n\":3},{\"n\":4}]"));
    }

    proptest! {
        #[test]
        fn every_object_once_in_order_in_few_frames_of_bounded_size(
            groups in prop::collection::vec(prop::collection::vec(0_usize..40_000, 1..4), 0..12),
        ) {
            let mut next = 0;
            let mut object = |pad: usize| {
                next += 1;
                Bytes::from(format!(r#"{{"n":{next},"pad":"{}"}}"#, "x".repeat(pad)))
            };
            let pieces: Vec<Bytes> =
                groups.iter().flat_map(|sizes| pack(sizes.iter().map(|pad| object(*pad)))).collect();
            let frames = pack(pieces);
            for pair in frames.windows(2) {
                prop_assert!(pair[0].len() + pair[1].len() > limits::FRAME_BYTES - 3);
            }
            let mut seen = 0;
            for frame in &frames {
                prop_assert!(frame.len() <= limits::FRAME_BYTES);
                for object in objects_of(frame) {
                    seen += 1;
                    prop_assert_eq!(object["n"].as_u64(), Some(seen));
                }
            }
            prop_assert_eq!(seen, groups.iter().map(|g| g.len() as u64).sum::<u64>());
        }
    }
}
