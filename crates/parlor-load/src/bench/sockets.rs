//! Resident memory of sockets that do nothing: authenticated, then with the inbox, then with a conversation open too.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::sleep_until;

use super::Lab;
use super::traffic::Traffic;
use crate::http::{Answer, Connection};
use crate::machine;
use crate::pace::{self, Load};
use crate::report::{Figure, Goal, Sample, Unit};
use crate::server::Server;
use crate::socket::Socket;

/// Handshakes at once.
const AT_ONCE: usize = 64;
/// More than a heartbeat, so that its buffers are counted.
const HEARTBEAT: Duration = Duration::from_secs(27);

/// KiB of one socket after each step.
type Steps = [f64; 3];

pub async fn run(lab: &Lab) -> anyhow::Result<Vec<Figure>> {
    let mut samples: Vec<Sample<Steps>> = Vec::new();
    for round in 1..=lab.rounds {
        let label = format!("sockets, round {round}");
        let tell = |[idle, inbox, open]: &Steps| format!("{idle:.1}, {inbox:.1}, {open:.1} KiB a socket");
        samples.push(lab.sample(&label, tell, async || one(lab).await).await?);
    }
    let count = lab.sockets;
    let names = [
        format!("memory of an idle socket, {count} authenticated"),
        format!("memory of an idle socket, {count} subscribed to the inbox"),
        format!("memory of an idle socket, {count} with the inbox and a conversation each"),
    ];
    let figure = |(step, name)| {
        let values: Vec<_> = samples.iter().map(|sample| sample.map(|steps| steps[step])).collect();
        Figure::of(name, Unit::KiB, &values).with_goal(Goal::AtMost(8.0))
    };
    Ok(names.into_iter().enumerate().map(figure).collect())
}

async fn one(lab: &Lab) -> anyhow::Result<Steps> {
    let server = lab.fresh("sockets")?.start().await?;
    let traffic = Traffic::prepare(&server, lab.sockets).await?;
    glance(&traffic).await?;
    server.settle().await?;
    let before = machine::resident_kib(server.pid())?;
    let opening = stream::iter(0..lab.sockets).map(|_| Socket::open(&traffic.api));
    let mut sockets: Vec<Socket> = opening.buffer_unordered(AT_ONCE).try_collect().await?;
    let opened = Instant::now();
    let idle = per_socket(lab, &server, before).await?;
    each(&mut sockets, async |_, socket| socket.subscribe("inbox").await).await?;
    let inbox = per_socket(lab, &server, before).await?;
    let rooms = &traffic.rooms;
    each(&mut sockets, async |i, socket| socket.subscribe(&format!("conversation:{}", rooms[i])).await)
        .await?;
    sleep_until((opened + HEARTBEAT).into()).await;
    let open = per_socket(lab, &server, before).await?;
    // All of them are still there.
    each(&mut sockets, async |_, socket| socket.subscribe("inbox").await).await?;
    drop(sockets);
    server.stop().await?;
    Ok([idle, inbox, open])
}

/// Every conversation, once.
struct Glance<'a> {
    traffic: &'a Traffic,
    next: usize,
}

impl Load for Glance<'_> {
    type Ticket = ();

    fn next(&mut self, _: Instant, request: &mut Vec<u8>) {
        let path = format!("/conversations/{}?messages=0", self.traffic.rooms[self.next]);
        request.extend_from_slice(&self.traffic.api.request("GET", &path, None));
        self.next += 1;
    }

    fn answered(&mut self, (): (), answer: Answer<'_>) -> anyhow::Result<()> {
        answer.expect(200).map(drop)
    }
}

/// Reads every conversation, so that the parts of the database that a subscription looks at are mapped before the sockets'
/// memory is measured: they are the system's cache, and not more for more sockets.
async fn glance(traffic: &Traffic) -> anyhow::Result<()> {
    let mut connections = Connection::open_many(traffic.api.address, AT_ONCE).await?;
    pace::all(&mut connections, traffic.rooms.len(), &RefCell::new(Glance { traffic, next: 0 })).await
}

async fn per_socket(lab: &Lab, server: &Server, before_kib: u64) -> anyhow::Result<f64> {
    server.settle().await?;
    let now = machine::resident_kib(server.pid())?;
    Ok(now.saturating_sub(before_kib) as f64 / lab.sockets as f64)
}

async fn each(
    sockets: &mut [Socket],
    act: impl AsyncFn(usize, &mut Socket) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let acting = stream::iter(sockets.iter_mut().enumerate()).map(|(i, socket)| act(i, socket));
    acting.buffer_unordered(AT_ONCE).try_collect().await
}
