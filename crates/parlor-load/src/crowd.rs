//! Thousands of readers on one thread: plain sockets, one epoll, frames searched rather than parsed. They share their cores
//! with the server they measure, so a frame costs them a read and three searches.
//!
//! Every reader knows which `seq` comes next: a message that is missing, doubled or out of order is an error at once. What
//! they saw is logged, once for each room, and compared with what is stored in the end.

mod log;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use hdrhistogram::Histogram;
use memchr::memmem::Finder;
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::fd::OwnedFd;
use uuid::Uuid;

pub use self::log::Log;
use crate::frame::{self, Frame, Opcode};
use crate::http::Api;
use crate::message::number_at;
use crate::outcome::Outcome;
use crate::pace::{self, Schedule};

/// Room for what one reader has waiting; the server drops what waits beyond 256 KiB.
const READ_BYTES: usize = 64 * 1024;
/// Sockets looked at after one call of the system.
const READY: usize = 512;
/// A handshake that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

static MESSAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(r#""event":"message""#));
static TEXT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(r#""text":""#));
static CONVERSATION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(r#""event":"conversation""#));
static VERSION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(r#""version":"#));
static SEQ: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(r#""seq":"#));
static RESET: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(r#""event":"reset""#));

/// The readers.
#[derive(Debug)]
pub struct Crowd {
    epoll: OwnedFd,
    readers: Vec<Reader>,
    logs: Vec<Log>,
    buffer: Vec<u8>,
    /// The last frame with a message that the first reader got, header and all.
    sample: Vec<u8>,
}

#[derive(Debug)]
struct Reader {
    stream: TcpStream,
    /// The start of a frame whose end has not come yet.
    rest: Vec<u8>,
    /// Where it is; `None` where the same frame comes over and over.
    follows: Option<Place>,
}

/// Where a reader is.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Its room's log.
    log: usize,
    /// The `seq` that comes next.
    next: u32,
    /// The room's version it was shown last; 0 before the first.
    version: u32,
}

/// What is to be read.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Messages, over all readers.
    pub messages: u64,
    /// When each was due.
    pub schedule: Schedule,
    /// The number of the first.
    pub first: u64,
    /// What has not come by then is too late.
    pub deadline: Instant,
}

impl Crowd {
    /// Nobody yet.
    pub fn new() -> anyhow::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let (readers, logs, sample) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Crowd { epoll, readers, logs, buffer: vec![0; READ_BYTES], sample })
    }

    /// `count` more readers of `room`, whose next message has the number `next`.
    pub fn follow(&mut self, api: &Api, room: Uuid, count: usize, next: u32) -> anyhow::Result<()> {
        let follows = Some(Place { log: self.logs.len(), next, version: 0 });
        self.logs.push(Log::new(room, next));
        for _ in 0..count {
            let mut stream = connect(api.address)?;
            let rest = handshake(&mut stream, api, room).context("a reader was not let in")?;
            self.add(Reader { stream, rest, follows })?;
        }
        Ok(())
    }

    /// `count` more readers of a program that sends the same frame over and over without being asked.
    pub fn listen(&mut self, address: SocketAddr, count: usize) -> anyhow::Result<()> {
        for _ in 0..count {
            self.add(Reader { stream: connect(address)?, rest: Vec::new(), follows: None })?;
        }
        Ok(())
    }

    fn add(&mut self, reader: Reader) -> anyhow::Result<()> {
        reader.stream.set_nonblocking(true)?;
        let place = epoll::EventData::new_u64(self.readers.len() as u64);
        epoll::add(&self.epoll, &reader.stream, place, epoll::EventFlags::IN)?;
        self.readers.push(reader);
        Ok(())
    }

    /// The last frame with a message, as it came.
    pub fn sample(&self) -> &[u8] {
        &self.sample
    }

    /// Reads until everybody together has what is wanted; microseconds from when each message was due to when its frame was
    /// read.
    pub fn read(&mut self, wanted: &Wanted) -> anyhow::Result<Histogram<u64>> {
        let mut tally = Tally { wanted: *wanted, messages: 0, latencies: pace::histogram() };
        let mut events: Vec<epoll::Event> = Vec::with_capacity(READY);
        loop {
            let left = wanted.deadline.saturating_duration_since(Instant::now());
            ensure!(
                !left.is_zero(),
                "only {} of {} deliveries came in time",
                tally.messages,
                wanted.messages
            );
            let timeout = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
            epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout))?;
            for event in events.drain(..) {
                let place = usize::try_from(event.data.u64())?;
                let sample = (place == 0).then_some(&mut self.sample);
                self.readers[place].read(&mut self.buffer, &mut tally, &mut self.logs, sample)?;
            }
            if tally.messages >= wanted.messages {
                let is_exact = tally.messages == wanted.messages;
                ensure!(is_exact, Outcome::Breach(format!("doubled: {} deliveries", tally.messages)));
                return Ok(tally.latencies);
            }
        }
    }

    /// Fails unless every reader has read up to where `next` says its room is, in the order they came.
    pub fn judge(&self, next: impl Iterator<Item = u32>) -> anyhow::Result<()> {
        for (reader, next) in self.readers.iter().zip(next) {
            let read = reader.follows.map_or(next, |place| place.next);
            let lost = || Outcome::Breach(format!("lost: a reader waits for message {read} of {next}"));
            ensure!(read == next, lost());
        }
        Ok(())
    }

    /// What the readers of each room end with.
    pub fn seen(&self) -> Vec<Seen> {
        let mut seen: Vec<_> =
            self.logs.iter().map(|log| Seen { log: log.clone(), version: u32::MAX }).collect();
        for place in self.readers.iter().filter_map(|reader| reader.follows) {
            let version = &mut seen[place.log].version;
            *version = place.version.min(*version);
        }
        seen
    }
}

/// What the readers of a room end with.
#[derive(Debug)]
pub struct Seen {
    /// What they saw.
    pub log: Log,
    /// The least of the versions they ended with.
    pub version: u32,
}

/// What has come so far.
struct Tally {
    wanted: Wanted,
    messages: u64,
    latencies: Histogram<u64>,
}

impl Reader {
    fn read(
        &mut self,
        buffer: &mut [u8],
        tally: &mut Tally,
        logs: &mut [Log],
        sample: Option<&mut Vec<u8>>,
    ) -> anyhow::Result<()> {
        let bytes = match self.stream.read(buffer) {
            Ok(0) => bail!("the server ended a socket"),
            Ok(bytes) => &buffer[..bytes],
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if self.rest.is_empty() {
            let used = self.take(bytes, tally, logs, sample)?;
            self.rest.extend_from_slice(&bytes[used..]);
        } else {
            let mut rest = std::mem::take(&mut self.rest);
            rest.extend_from_slice(bytes);
            let used = self.take(&rest, tally, logs, sample)?;
            self.rest.extend_from_slice(&rest[used..]);
        }
        Ok(())
    }

    /// Takes whole frames from the front; how many bytes they were.
    fn take(
        &mut self,
        bytes: &[u8],
        tally: &mut Tally,
        logs: &mut [Log],
        sample: Option<&mut Vec<u8>>,
    ) -> anyhow::Result<usize> {
        let (mut used, mut last) = (0, None);
        while let Some(frame) = Frame::parse(&bytes[used..])? {
            match frame.opcode {
                Opcode::Text if self.scan(frame.payload, tally, logs)? => {
                    last = Some(&bytes[used..used + frame.bytes]);
                }
                Opcode::Ping => self.stream.write_all(&frame::PONG)?,
                Opcode::Close => bail!("the server closed a socket: {frame:?}"),
                Opcode::Text | Opcode::Other => {}
            }
            used += frame.bytes;
        }
        if let (Some(sample), Some(last)) = (sample, last) {
            sample.clear();
            sample.extend_from_slice(last);
        }
        Ok(used)
    }

    /// Counts the messages of a text frame; whether there was one.
    fn scan(&mut self, payload: &[u8], tally: &mut Tally, logs: &mut [Log]) -> anyhow::Result<bool> {
        let mut rest = payload;
        while let Some(at) = MESSAGE.find(rest) {
            rest = &rest[at + MESSAGE.needle().len()..];
            let text = behind(&TEXT, rest).context("a message without text")?;
            let seq = behind(&SEQ, text).and_then(leading_number).context("a message without seq")?;
            tally.messages += 1;
            let Some(Place { log, next, .. }) = &mut self.follows else { continue };
            let order = || Outcome::Breach(format!("order: message {seq} where {next} comes next"));
            ensure!(seq == *next, order());
            *next += 1;
            let number = number_at(text)?;
            logs[*log].see(seq, number)?;
            let beat = number.checked_sub(tally.wanted.first).context("an earlier run's post")?;
            pace::record(&mut tally.latencies, tally.wanted.schedule.due(usize::try_from(beat)?));
        }
        if let (Some(place), Some(conversation)) = (&mut self.follows, behind(&CONVERSATION, rest)) {
            let version = behind(&VERSION, conversation).and_then(leading_number);
            place.version = version.context("a conversation without version")?;
        }
        let found = rest.len() < payload.len();
        ensure!(found || RESET.find(payload).is_none(), "a reader fell so far behind that it was reset");
        Ok(found)
    }
}

fn behind<'a>(finder: &Finder<'_>, bytes: &'a [u8]) -> Option<&'a [u8]> {
    finder.find(bytes).map(|at| &bytes[at + finder.needle().len()..])
}

fn leading_number(bytes: &[u8]) -> Option<u32> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&bytes[..end]).ok()?.parse().ok()
}

fn connect(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Becomes a socket that follows `room`; what came after the answer.
fn handshake(stream: &mut TcpStream, api: &Api, room: Uuid) -> anyhow::Result<Vec<u8>> {
    stream.write_all(&frame::upgrade(api))?;
    let mut bytes = Vec::new();
    let head = until(stream, &mut bytes, |bytes| Ok(memchr::memmem::find(bytes, b"\r\n\r\n")))?;
    ensure!(bytes.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&bytes));
    bytes.drain(..head + 4);
    let op = format!(r#"{{"op":"subscribe","ref":1,"topic":"conversation:{room}"}}"#);
    stream.write_all(&frame::text(&op))?;
    loop {
        let frame = until(stream, &mut bytes, |bytes| {
            Ok(Frame::parse(bytes)?
                .map(|frame| (frame.bytes, String::from_utf8_lossy(frame.payload).into_owned())))
        });
        let (used, said) = frame?;
        bytes.drain(..used);
        if said.contains(r#""event":"ok""#) {
            return Ok(bytes);
        }
        ensure!(!said.contains(r#""event":"error""#), "{said}");
    }
}

fn until<T>(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
    found: impl Fn(&[u8]) -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let mut buffer = [0; 2048];
    loop {
        if let Some(found) = found(bytes)? {
            return Ok(found);
        }
        let read = stream.read(&mut buffer)?;
        ensure!(read > 0, "the server ended the socket: {}", String::from_utf8_lossy(bytes));
        bytes.extend_from_slice(&buffer[..read]);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Shutdown, TcpListener};

    use super::*;

    fn text_frame(text: &str) -> Vec<u8> {
        let mut frame = vec![0x81, 126];
        frame.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
        frame.extend_from_slice(text.as_bytes());
        frame
    }

    fn group(number: u64, seq: u32) -> String {
        format!(
            r#"[{{"event":"message","topic":"t","message":{{"text":"{number:010} a word","seq":{seq}}}}},{{"event":"conversation","conversation":{{"lastMessage":"x","version":{seq}}}}}]"#
        )
    }

    /// What one reader, whose next message is 5, makes of `bytes` that come in pieces of `size`.
    fn read(bytes: &[u8], size: usize, messages: u64) -> anyhow::Result<Crowd> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let mut crowd = Crowd::new()?;
        crowd.logs.push(Log::new(Uuid::nil(), 5));
        let follows = Some(Place { log: 0, next: 5, version: 0 });
        crowd.add(Reader { stream: connect(listener.local_addr()?)?, rest: Vec::new(), follows })?;
        let mut server = listener.accept()?.0;
        let schedule = Schedule::new(1_000, 10);
        let deadline = Instant::now() + PATIENCE;
        let wanted = Wanted { messages, schedule, first: 100, deadline };
        std::thread::scope(|scope| {
            let server = &mut server;
            scope.spawn(move || {
                bytes.chunks(size).try_for_each(|piece| server.write_all(piece))?;
                server.shutdown(Shutdown::Write)
            });
            crowd.read(&wanted)
        })?;
        Ok(crowd)
    }

    #[test]
    fn frames_are_read_whole_however_they_come() {
        let mut bytes = text_frame(&group(100, 5));
        bytes.extend([0x89, 0]);
        bytes.extend(text_frame(&group(101, 6)));
        for size in [1, 7, 60, 10_000] {
            let crowd = read(&bytes, size, 2).unwrap();
            crowd.judge([7].into_iter()).unwrap();
            assert!(crowd.judge([8].into_iter()).is_err());
            assert_eq!(crowd.sample(), text_frame(&group(101, 6)));
            let seen = crowd.seen();
            assert_eq!((&seen[0].log.numbers[..], seen[0].version), (&[100, 101][..], 6));
        }
    }

    #[test]
    fn every_breach_is_an_error() {
        let breach = |frames: &[String], messages| {
            let bytes: Vec<u8> = frames.iter().flat_map(|frame| text_frame(frame)).collect();
            read(&bytes, 10_000, messages).unwrap_err().to_string()
        };
        assert!(breach(&[group(100, 6)], 1).contains("order"));
        assert!(breach(&[group(100, 5), group(100, 5)], 2).contains("order"));
        assert!(breach(&[group(100, 5)], 2).contains("ended"));
        assert!(breach(&[r#"{"event":"reset","topic":"t"}"#.into()], 1).contains("reset"));
    }
}
