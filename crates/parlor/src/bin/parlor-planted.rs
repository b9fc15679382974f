//! The `parlor` binary with a bug on purpose, the one that `PARLOR_PLANTED_BUG` names: for `make prove-teeth` alone.

use std::process::ExitCode;

use parlor::ambient::{Ambient, Machine};
use parlor_core::planted;

fn main() -> ExitCode {
    if let Ok(name) = std::env::var("PARLOR_PLANTED_BUG") {
        assert!(planted::plant(&name, Machine.now()), "there is no planted bug {name:?}");
    }
    parlor::cli::main()
}
