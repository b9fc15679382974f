//! What scripts rely on: a run that could not begin is no breach.

use std::process::Command;

fn code(arguments: &[&str]) -> Option<i32> {
    let output = Command::new(env!("CARGO_BIN_EXE_parlor-load")).args(arguments).output();
    output.expect("the program is built").status.code()
}

#[test]
fn a_run_that_could_not_begin_is_a_failure_of_the_tool() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path().to_str().expect("a path of ours");
    for run in [["prove", "kill"], ["prove", "storm"], ["load", "A"]] {
        assert_eq!(
            code(&[&run[..], &["--binary", "/nowhere/parlor", "--data", data]].concat()),
            Some(1),
            "{run:?}"
        );
    }
}

#[test]
fn a_wrong_call_is_told_from_both() {
    assert_eq!(code(&["prove", "perpetual-motion"]), Some(2));
}
