//! The server as the proof of client truth has it (`make prove-client`): the real one, over the store that is the
//! property tests' model, with a time that moves only when told. Not shipped.
//!
//! One process serves as many as are asked for, each with data of its own. Lines on stdin, each answered by one on stdout
//! that begins with the same number:
//!
//! ```text
//! 1 open                          1 SERVER ADDRESS        new data, a running server
//! 2 stop SERVER                   2                       as abrupt as a crash: nothing but the data is left
//! 3 start SERVER                  3 ADDRESS               the same data
//! 8 restore SERVER                8                       stop, and no cursor of before can be resumed
//! 4 token SERVER ROLE SUB TTL_S   4 TOKEN
//! 5 pass SERVER MS                5                       time passes, second by second
//! 6 quiet SERVER                  6                       answered when all it had to do is done
//! 7 close SERVER                  7                       data gone
//! ```
//!
//! What cannot be done is answered with `NUMBER error TEXT`. It ends with its input.

#[path = "../../tests/it/support/ambient.rs"]
mod ambient;
mod server;

use std::collections::HashMap;
use std::io::{BufRead, Write};

use anyhow::{Context, bail};
use parlor_core::access::Role;
use server::Server;

fn main() -> anyhow::Result<()> {
    let mut servers = Servers::default();
    let mut said = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (number, order) = line.split_once(' ').unwrap_or((&line, ""));
        match obey(&mut servers, order) {
            Ok(answer) => writeln!(said, "{number} {answer}")?,
            Err(error) => writeln!(said, "{number} error {error:#}")?,
        }
        said.flush()?;
    }
    Ok(())
}

#[derive(Default)]
struct Servers {
    /// Numbers are never reused: an order for a server that is gone must not reach another.
    opened: usize,
    open: HashMap<usize, Server>,
}

fn obey(servers: &mut Servers, order: &str) -> anyhow::Result<String> {
    let words: Vec<&str> = order.split(' ').collect();
    if words == ["open"] {
        let server = Server::open()?;
        servers.opened += 1;
        let answer = format!("{} {}", servers.opened, server.address()?);
        servers.open.insert(servers.opened, server);
        return Ok(answer);
    }
    let id: usize = words.get(1).context("which server?")?.parse()?;
    if words[0] == "close" {
        servers.open.remove(&id).context("no such server")?;
        return Ok(String::new());
    }
    let server = servers.open.get_mut(&id).context("no such server")?;
    match (words[0], &words[2..]) {
        ("stop", []) => server.stop(),
        ("restore", []) => server.restore(),
        ("start", []) => {
            server.start()?;
            return Ok(server.address()?.to_string());
        }
        ("token", [role, sub, ttl_s]) => {
            let role = Role::parse(role).context("no such role")?;
            return server.token(role, sub, ttl_s.parse()?);
        }
        ("pass", [ms]) => server.pass_ms(ms.parse()?),
        ("quiet", []) => server.quiet(),
        _ => bail!("no such order: {order}"),
    }
    Ok(String::new())
}
