//! Ctrl-C and other requests to stop, in the midst of a slow read: what is unfinished goes away, what was there stays.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use cog_testkit::server::{CogPlan, Fault, Server};
use rustix::process::{Pid, Signal, kill_process};

use crate::command;

const COG: &str = env!("CARGO_BIN_EXE_cog");

/// A server that answers the first request and no other.
fn slow_server() -> (Server, String) {
    let server = Server::start([("/slow.tif", CogPlan::new(1100, 1100).make().bytes)]);
    let url = server.url("/slow.tif");
    server.set_latency(Duration::from_millis(200));
    (server, url)
}

/// A program to which signals do what they do by default, though these tests may run under nohup or in the background.
fn fresh(program: &str) -> Command {
    let mut command = Command::new("env");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    command.args(["--default-signal=INT,TERM,HUP", program]);
    command
}

/// Starts a command and waits until the server has its pixels to send, which it never does.
fn start(server: &Server, command: &mut Command) -> Child {
    let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(|| !server.log().is_empty());
    server.inject("/slow.tif", usize::MAX, Fault::Silence);
    wait_for(|| server.log().len() > 1);
    child
}

#[track_caller]
fn wait_for(mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + command::CAP;
    while !happened() {
        assert!(Instant::now() < deadline, "nothing happens");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// How it ends; within a few seconds, or the test fails.
#[track_caller]
fn end(child: &mut Child) -> ExitStatus {
    let mut status = None;
    wait_for(|| {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_signal_ends_a_slow_read_and_leaves_no_part() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let (server, url) = slow_server();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("m.npy"), b"old mask").unwrap();
        let mut command = fresh(COG);
        command.current_dir(folder.path()).args(["read", &url, "-o", "o.npy", "--mask", "m.npy"]);
        let mut child = start(&server, &mut command);
        let parts = names(folder.path()).iter().filter(|name| name.ends_with(".part")).count();
        assert_eq!(parts, 2, "{:?}", names(folder.path()));
        let before = Instant::now();
        send(&child, signal);
        assert_eq!(end(&mut child).code(), Some(code));
        assert!(before.elapsed() < Duration::from_secs(5));
        assert_eq!(names(folder.path()), ["m.npy"]);
        assert_eq!(fs::read(folder.path().join("m.npy")).unwrap(), b"old mask");
    }
}

#[test]
fn a_signal_while_a_fifo_has_no_reader_ends_too() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let server = Server::start([("/a.tif", CogPlan::new(600, 600).make().bytes)]);
    let url = server.url("/a.tif");
    let mut command = fresh(COG);
    let mut child = command.args(["read", &url, "-o"]).arg(&fifo).stderr(Stdio::null()).spawn().unwrap();
    // Soon it can only wait for a reader.
    wait_for(|| !server.log().is_empty());
    std::thread::sleep(Duration::from_millis(700));
    send(&child, Signal::INT);
    assert_eq!(end(&mut child).code(), Some(130));
    assert_eq!(names(folder.path()), ["fifo"]);
}

#[test]
fn what_the_caller_ignores_stays_ignored() {
    let (server, url) = slow_server();
    let folder = tempfile::tempdir().unwrap();
    let mut shell = fresh("sh");
    shell.current_dir(folder.path()).args(["-c", "trap '' INT HUP; exec \"$0\" read \"$1\" -o o.npy"]);
    let mut child = start(&server, shell.arg(COG).arg(&url));
    send(&child, Signal::INT);
    send(&child, Signal::HUP);
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it ended");
    send(&child, Signal::TERM);
    assert_eq!(end(&mut child).code(), Some(143));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn commands_without_output_end_with_the_same_codes() {
    let (server, url) = slow_server();
    let mut child = start(&server, fresh(COG).args(["stats", &url]).stdout(Stdio::null()));
    send(&child, Signal::INT);
    assert_eq!(end(&mut child).code(), Some(130));
    // Waiting for standard input.
    let mut child = fresh(COG).args(["info", "-"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(b"II").unwrap();
    // It listens to signals from a thread of its own.
    wait_for(|| fs::read_dir(format!("/proc/{}/task", child.id())).is_ok_and(|threads| threads.count() > 1));
    send(&child, Signal::TERM);
    assert_eq!(end(&mut child).code(), Some(143));
}

#[test]
fn a_shell_sees_the_code_too() {
    let (server, url) = slow_server();
    let folder = tempfile::tempdir().unwrap();
    // A group of its own, to which a terminal sends Ctrl-C.
    let mut shell = fresh("sh");
    shell.current_dir(folder.path()).process_group(0);
    shell.args(["-c", "trap : INT; \"$0\" read \"$1\" -o o.npy; echo $? > code"]);
    let mut child = start(&server, shell.arg(COG).arg(&url));
    rustix::process::kill_process_group(Pid::from_child(&child), Signal::INT).unwrap();
    end(&mut child);
    assert_eq!(fs::read_to_string(folder.path().join("code")).unwrap(), "130\n");
    assert_eq!(names(folder.path()), ["code"]);
}
