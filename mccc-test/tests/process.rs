//! The process harness, tried on programs that every machine has.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use mccc_test::process::{Folder, Program, Running};

const LONG: Duration = Duration::from_secs(20);

fn shell(script: &str) -> Running {
    Program::new("/bin/sh").arg("-c").arg(script).start().unwrap()
}

fn is_alive(pid: &str) -> bool {
    Command::new("kill")
        .args(["-0", pid])
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
}

#[test]
fn the_printed_address_is_waited_for() {
    let mut server =
        shell("echo starting; sleep 0.2; echo 'INFO mccc: listening on http://127.0.0.1:4711/ (demo)'; sleep 60");
    assert_eq!(server.wait_until_listening(LONG).unwrap(), "http://127.0.0.1:4711");
}

#[test]
fn half_a_line_is_not_yet_the_address() {
    let mut server = shell("printf 'listening on http://127.0.0.1:47'; sleep 0.3; echo 11; sleep 60");
    assert_eq!(server.wait_until_listening(LONG).unwrap(), "http://127.0.0.1:4711");
}

#[test]
fn a_program_that_ends_early_says_why() {
    let mut server = shell("echo 'the port is taken' >&2; exit 3");
    let error = server.wait_until_listening(LONG).unwrap_err().to_string();
    assert!(error.contains("the port is taken") && error.contains('3'), "{error}");
    let mut slow = shell("sleep 60");
    assert!(
        slow.wait_until_listening(Duration::from_millis(50))
            .unwrap_err()
            .to_string()
            .contains("in time")
    );
}

#[test]
fn signals_arrive() {
    let mut killed = shell("sleep 60");
    assert_eq!(killed.kill9().unwrap().signal(), Some(9));
    assert!(killed.sigterm().is_err(), "there is nobody left to be told");

    let mut polite = shell("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done");
    polite.wait_for_output("ready", LONG).unwrap();
    polite.sigstop().unwrap();
    polite.sigterm().unwrap();
    assert!(polite.wait_for_exit(Duration::from_millis(300)).is_err(), "frozen");
    polite.sigcont().unwrap();
    assert_eq!(polite.wait_for_exit(LONG).unwrap().code(), Some(7));
    assert!(polite.log().contains("bye"));
}

#[test]
fn a_dropped_program_is_killed() {
    let running = shell("sleep 60");
    let pid = running.id().to_string();
    assert!(is_alive(&pid));
    drop(running);
    assert!(!is_alive(&pid));
}

#[test]
fn only_what_the_test_sets_reaches_the_program() {
    let program = Program::new("/bin/sh")
        .arg("-c")
        .arg("echo $MCCC_X; env")
        .env("MCCC_X", "one");
    let output = String::from_utf8(program.output().unwrap().stdout).unwrap();
    assert!(output.starts_with("one\n"));
    assert!(!output.contains("RUST_LOG="));
}

#[test]
fn a_folder_is_fresh_and_goes_away() {
    let binary = std::env::current_exe().unwrap();
    let (one, two) = (
        Folder::new(&binary, "data").unwrap(),
        Folder::new(&binary, "data").unwrap(),
    );
    assert_ne!(one.path(), two.path());
    std::fs::write(one.path().join("file"), "x").unwrap();
    let path = one.path().to_owned();
    assert!(path.parent().unwrap().ends_with("mccc-test-output"));
    drop(one);
    assert!(!path.exists() && two.path().exists());
}

/// Not a test by itself: the process that the next test kills.
#[test]
#[ignore = "started by a_killed_test_takes_its_program_along"]
fn helper_with_a_program() {
    let running = shell("sleep 60");
    println!("\nPROGRAM {}", running.id());
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_killed_test_takes_its_program_along() {
    let mut helper = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "helper_with_a_program"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let line = BufReader::new(helper.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .find(|line| line.starts_with("PROGRAM "))
        .unwrap();
    let pid = line.trim_start_matches("PROGRAM ");
    assert!(is_alive(pid));
    helper.kill().unwrap();
    helper.wait().unwrap();
    // An orphan that nobody waits for stays in the process table as a zombie.
    let gone = || {
        let state = Command::new("ps")
            .args(["-o", "state=", "-p", pid])
            .output()
            .unwrap()
            .stdout;
        matches!(state.first(), None | Some(b'Z'))
    };
    assert!((0..400).any(|_| gone() || {
        std::thread::sleep(Duration::from_millis(25));
        false
    }));
}
