//! WebSocket frames by hand (RFC 6455, section 5), for readers that have no time for a library.

use anyhow::ensure;

use crate::http::Api;

/// The answer to a ping without content. Clients mask; a mask of zeros changes nothing.
pub const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// A message in text.
    Text,
    /// To be answered.
    Ping,
    /// The end.
    Close,
    /// Anything else.
    Other,
}

/// A whole frame of the server.
#[derive(Debug)]
pub struct Frame<'a> {
    /// What it is.
    pub opcode: Opcode,
    /// What it carries.
    pub payload: &'a [u8],
    /// Its length with the header.
    pub bytes: usize,
}

impl<'a> Frame<'a> {
    /// The frame at the front of `bytes`, or `None` while it is incomplete.
    pub fn parse(bytes: &'a [u8]) -> anyhow::Result<Option<Self>> {
        let [first, second, ..] = *bytes else { return Ok(None) };
        ensure!(first & 0xf0 == 0x80, "a frame in pieces, or with an extension: {first:#x}");
        ensure!(second & 0x80 == 0, "a masked frame from a server");
        let (head, length) = match second {
            126 => {
                let Some(length) = bytes.get(2..4) else { return Ok(None) };
                (4, usize::from(u16::from_be_bytes([length[0], length[1]])))
            }
            127 => {
                let Some(length) = bytes.get(2..10) else { return Ok(None) };
                (10, length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
            }
            short => (2, usize::from(short)),
        };
        let Some(payload) = bytes[head..].get(..length) else { return Ok(None) };
        let opcode = match first & 0x0f {
            1 => Opcode::Text,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            _ => Opcode::Other,
        };
        Ok(Some(Frame { opcode, payload, bytes: head + length }))
    }
}

/// A client's text frame of at most 125 bytes.
pub fn text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).ok().filter(|length| *length <= 125);
    let length = length.expect("the ops sent by hand are short");
    let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// The request that opens a socket.
pub fn upgrade(api: &Api) -> Vec<u8> {
    let Api { address, token } = api;
    format!(
        "GET /api/live-chat/ws HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: parlor.v1\r\n\r\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_are_read_whole_or_not_at_all() {
        for length in [0_usize, 125, 126, 65_535, 65_536] {
            let mut bytes = vec![0x81];
            match length {
                0..126 => bytes.push(length as u8),
                126..65_536 => {
                    bytes.push(126);
                    bytes.extend((length as u16).to_be_bytes());
                }
                _ => {
                    bytes.push(127);
                    bytes.extend((length as u64).to_be_bytes());
                }
            }
            bytes.extend(vec![b'x'; length]);
            let frame = Frame::parse(&bytes).unwrap().unwrap();
            assert_eq!((frame.opcode, frame.payload.len(), frame.bytes), (Opcode::Text, length, bytes.len()));
            assert!(Frame::parse(&bytes[..bytes.len() - 1]).unwrap().is_none());
        }
    }

    #[test]
    fn what_a_server_may_not_send_is_an_error() {
        assert!(Frame::parse(&[0x01, 0]).is_err(), "a fragment");
        assert!(Frame::parse(&[0x81, 0x80, 0, 0, 0, 0]).is_err(), "masked");
    }
}
