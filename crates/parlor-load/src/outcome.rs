//! How a run ends when it does not end well, and the exit code that says so.

use std::fmt;
use std::process::ExitCode;

/// What an error means to whoever started the run; every other error is a failure of the tool itself, exit code 1.
#[derive(Debug)]
pub enum Outcome {
    /// A promise was not kept: exit code 3.
    Breach(String),
    /// This machine cannot run it: exit code 4, which counts as skipped.
    CannotRun(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Breach(what) => write!(out, "not what was promised: {what}"),
            Outcome::CannotRun(why) => write!(out, "skipped, this cannot run here: {why}"),
        }
    }
}

impl std::error::Error for Outcome {}

/// The exit code of a run.
pub fn exit_code(run: &anyhow::Result<()>) -> ExitCode {
    let Err(error) = run else { return ExitCode::SUCCESS };
    match error.downcast_ref() {
        Some(Outcome::Breach(_)) => ExitCode::from(3),
        Some(Outcome::CannotRun(_)) => ExitCode::from(4),
        None => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_breach_is_told_from_a_failure_however_deep_it_lies() {
        let code = |run: anyhow::Result<()>| format!("{:?}", exit_code(&run));
        let breach = || anyhow::Result::<()>::Err(Outcome::Breach("1 lost".into()).into());
        assert_eq!(code(Ok(())), format!("{:?}", ExitCode::SUCCESS));
        assert_eq!(code(breach()), format!("{:?}", ExitCode::from(3)));
        assert_eq!(code(breach().context("round 2")), format!("{:?}", ExitCode::from(3)));
        assert_eq!(
            code(Err(Outcome::CannotRun("no root".into()).into())),
            format!("{:?}", ExitCode::from(4))
        );
        assert_eq!(code(Err(anyhow::anyhow!("no binary"))), format!("{:?}", ExitCode::FAILURE));
    }
}
