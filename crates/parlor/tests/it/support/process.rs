//! `parlor` as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::sync::oneshot;

/// What a command said, and how it ended.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A process that is ended with its test, whatever becomes of that.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a command to its end.
pub async fn parlor(arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
    command.args(arguments).envs(variables.iter().copied());
    let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut running = Running(process.unwrap());
    let (out, err) = (running.0.stdout.take().unwrap(), running.0.stderr.take().unwrap());
    let (out, err) = tokio::join!(all(out), all(err));
    Said { code: running.0.wait().unwrap().code(), out, err }
}

/// Everything a process says. Read in a thread of its own, which a runtime does not wait for at its end.
async fn all(mut pipe: impl Read + Send + 'static) -> String {
    let (said, all) = oneshot::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = pipe.read_to_string(&mut text);
        let _ = said.send(read.map(|_| text));
    });
    all.await.unwrap().unwrap()
}

/// A server.
pub struct Server {
    process: Running,
    pub url: String,
}

impl Server {
    /// Starts one over a data directory, with variables of its environment.
    pub fn start(data: &Path, variables: &[(&str, &str)]) -> Self {
        let process = Command::new(env!("CARGO_BIN_EXE_parlor"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--data"])
            .arg(data)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = Running(process.unwrap());
        let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        // Read to the end, so that it is never held up by what it says.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, url: first.split(' ').next_back().unwrap().to_owned() }
    }

    /// Asks it to end, and waits for that; its exit code.
    pub async fn terminate(&mut self) -> Option<i32> {
        let id = self.process.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.ended().await
    }

    /// Waits until it has ended; its exit code.
    pub async fn ended(&mut self) -> Option<i32> {
        loop {
            if let Some(status) = self.process.0.try_wait().unwrap() {
                return status.code();
            }
            tokio::task::yield_now().await;
        }
    }
}
