//! One Parlor process: started on a port and a data directory of its own, stopped by SIGTERM.

use std::env;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::http::{Api, Connection};
use crate::machine;
use crate::random::Random;

/// A server that does not answer by then has failed.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// The contract says 10 s.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
/// Work behind the answers, such as the search index of a whole import, is over by then or the figure is refused.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(1800);
const SETTLE_WINDOW: Duration = Duration::from_millis(300);

/// Ports the system does not hand out to clients: on one of those, a client that calls while nobody listens can be given
/// the very port it calls, and then talks to itself.
const PINNED_PORTS: std::ops::Range<u16> = 10_000..32_000;

/// What a server built for it does wrong on purpose; whoever shows that the proofs find it sets this.
const PLANTED_BUG: &str = "PARLOR_PLANTED_BUG";

/// How to start a server.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The `parlor` binary.
    pub binary: PathBuf,
    /// Its data directory.
    pub data: PathBuf,
    /// Environment beyond address and directory.
    pub environment: Vec<(&'static str, String)>,
    /// Where it listens, the same after every start; a free port if nobody chose one.
    address: Option<SocketAddr>,
    /// Where its output goes.
    log: PathBuf,
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    launch: Launch,
    child: Child,
    address: SocketAddr,
}

impl Launch {
    /// A server of `binary` in `data`.
    pub fn new(binary: &Path, data: PathBuf) -> Self {
        let log = data.with_extension("log");
        Launch { binary: binary.to_owned(), data, environment: Vec::new(), address: None, log }
    }

    /// With its output in a file that outlives the data.
    pub fn logging_to(self, log: PathBuf) -> Self {
        Launch { log, ..self }
    }

    /// On one port, which clients find again after a restart.
    pub fn pinned(mut self, random: &mut Random) -> anyhow::Result<Self> {
        let tries = (0..1_000).map(|_| {
            let width = u64::from(PINNED_PORTS.end - PINNED_PORTS.start);
            let port = PINNED_PORTS.start + u16::try_from(random.below(width)).unwrap_or_default();
            SocketAddr::from(([127, 0, 0, 1], port))
        });
        let free = tries.into_iter().find(|address| TcpListener::bind(address).is_ok());
        self.address = Some(free.context("no free port between 10000 and 32000")?);
        Ok(self)
    }

    /// With a variable in its environment.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// `parlor` on this data directory, with defaults whatever settings the caller has around.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        let settings = env::vars_os().map(|(name, _)| name);
        for name in
            settings.filter(|name| name.to_string_lossy().starts_with("PARLOR_") && name != PLANTED_BUG)
        {
            command.env_remove(name);
        }
        if let Some(parent) = self.data.parent() {
            command.current_dir(parent);
        }
        command.env("PARLOR_DATA", &self.data).stdin(Stdio::null());
        command
    }

    /// Prints a token of `role`.
    pub fn token(&self, role: &str) -> anyhow::Result<String> {
        let arguments = ["token", "--role", role, "--sub", "load", "--name", "Load", "--ttl", "12h"];
        let output = self.command().args(arguments).output().context("cannot run parlor token")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "parlor token failed: {}", said.trim());
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Starts it and waits for its first answer.
    pub async fn start(&self) -> anyhow::Result<Server> {
        let mut server = self.spawn()?;
        server.first_answer().await?;
        Ok(server)
    }

    /// Starts it.
    pub fn spawn(&self) -> anyhow::Result<Server> {
        fs::create_dir_all(&self.data)?;
        machine::require_disk(&self.data)?;
        // Freed at once: nobody else asks for this port before the server does, or the start fails and says so.
        let address = match self.address {
            Some(address) => address,
            None => TcpListener::bind(("127.0.0.1", 0))?.local_addr()?,
        };
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = self.command();
        command.arg("serve").env("PARLOR_LISTEN", address.to_string());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdout(log.try_clone()?).stderr(log);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}; build it with `make build`", self.binary.display()))?;
        Ok(Server { launch: self.clone(), child, address })
    }
}

impl Server {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it was started.
    pub fn launch(&self) -> &Launch {
        &self.launch
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Calls it as `role`.
    pub fn api(&self, role: &str) -> anyhow::Result<Api> {
        Ok(self.called_with(self.launch.token(role)?))
    }

    /// Calls it with a token that is there already.
    pub fn called_with(&self, token: String) -> Api {
        Api { address: self.address, token }
    }

    /// Waits until `/healthz` answers 200.
    pub async fn first_answer(&mut self) -> anyhow::Result<()> {
        let request = format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if let Ok(mut connection) = Connection::open(self.address).await
                && connection.call(request.as_bytes()).await?.status == 200
            {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}; see {}", self.launch.log.display());
            }
            ensure!(Instant::now() < deadline, "the server did not answer in {START_TIMEOUT:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// CPU time it has used.
    pub fn cpu_time(&self) -> anyhow::Result<Duration> {
        machine::cpu_time(self.pid())
    }

    /// Waits until it has nothing left to do, so that one figure's work is not counted in the next.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        let mut before = self.cpu_time()?;
        loop {
            tokio::time::sleep(SETTLE_WINDOW).await;
            let now = self.cpu_time()?;
            // One clock tick is the least that can be seen.
            if now - before <= Duration::from_millis(10) {
                return Ok(());
            }
            before = now;
            ensure!(Instant::now() < deadline, "the server is still busy {SETTLE_TIMEOUT:?} after the load");
        }
    }

    /// Stops it as an operator would; an exit code other than 0 is an error.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        kill_process(self.process()?, Signal::TERM)?;
        let status = self.ended().await?;
        ensure!(status.success(), "the server ended with {status}; see {}", self.launch.log.display());
        Ok(())
    }

    /// Stops it where it is. Afterwards it says nothing more, whatever the system still does for it.
    pub async fn freeze(&self) -> anyhow::Result<()> {
        kill_process(self.process()?, Signal::STOP)?;
        while !machine::is_frozen(self.pid())? {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    fn process(&self) -> anyhow::Result<Pid> {
        i32::try_from(self.pid()).ok().and_then(Pid::from_raw).context("not a process id")
    }

    /// Kills it, as a crash would.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().context("the server had ended before it was killed")?;
        self.child.wait()?;
        Ok(())
    }

    async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + STOP_TIMEOUT;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "the server did not stop within {STOP_TIMEOUT:?} of SIGTERM");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After an error nobody asks it nicely; one that has ended cannot be killed, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
