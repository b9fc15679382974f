//! The least a fan-out can cost: a process that only writes given bytes to every socket it has accepted, to measure
//! Parlor's deliveries against.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt, stdin};
use tokio::net::{TcpListener, TcpStream};

use crate::machine;

/// The process, inside: takes `frame length, frame` from its input again and again and writes the frame to `count` sockets,
/// which it accepts first. It ends with its input.
pub async fn run(count: usize) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    let mut sockets: Vec<TcpStream> = Vec::with_capacity(count);
    while sockets.len() < count {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        sockets.push(socket);
    }
    let (mut input, mut frame) = (stdin(), Vec::new());
    while let Ok(length) = input.read_u32().await {
        frame.resize(length as usize, 0);
        input.read_exact(&mut frame).await?;
        for socket in &mut sockets {
            socket.write_all(&frame).await?;
        }
    }
    Ok(())
}

/// The process, from outside; killed when dropped.
#[derive(Debug)]
pub struct Bare {
    child: Child,
    input: ChildStdin,
    /// Where it accepts.
    pub address: SocketAddr,
}

impl Bare {
    /// Starts it for `count` sockets.
    pub fn start(count: usize) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg(count.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start the bare writer")?;
        let input = child.stdin.take().context("no pipe to the bare writer")?;
        let output = child.stdout.take().context("no pipe from the bare writer")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse().context("the bare writer does not say where it listens")?;
        Ok(Bare { child, input, address })
    }

    /// Has it write `frame` to everybody.
    pub fn write(&mut self, frame: &[u8]) -> anyhow::Result<()> {
        let length = u32::try_from(frame.len())?;
        self.input.write_all(&length.to_be_bytes())?;
        Ok(self.input.write_all(frame)?)
    }

    /// CPU time it has used.
    pub fn cpu_time(&self) -> anyhow::Result<Duration> {
        machine::cpu_time(self.child.id())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // One that has ended cannot be killed, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
