//! The `parlor` binary: everything it can do is in [`parlor::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    parlor::cli::main()
}
