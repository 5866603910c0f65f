//! The bar: on a terminal, and nowhere else.
#![cfg(unix)]

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use cog_testkit::server::{CogPlan, Server};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::command;

/// A terminal of 100 columns: our side, and the program's.
pub(crate) fn terminal() -> (File, OwnedFd) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    tcsetwinsize(&theirs, Winsize { ws_row: 30, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    (ours.into(), theirs)
}

/// The exit code of a command, and what it draws on a terminal that is its standard error.
fn on_terminal(command: &mut Command) -> (Option<i32>, String) {
    let (mut ours, theirs) = terminal();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(theirs).env("TERM", "xterm").spawn().unwrap();
    // The last copies of the program's side of the terminal go with it and with the command.
    command.stderr(Stdio::null());
    let mut drawn = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = ours.read(&mut piece) {
        drawn.extend_from_slice(&piece[..count]);
    }
    (child.wait().unwrap().code(), String::from_utf8_lossy(&drawn).into_owned())
}

/// Ctrl-C on a terminal ends the command by the signal, so that a shell ends its loop; the bar is gone.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_on_a_terminal_ends_loops_of_the_shell() {
    use std::os::unix::process::ExitStatusExt;
    let server = Server::start([("/slow.tif", CogPlan::new(2100, 2100).make().bytes)]);
    server.set_latency(Duration::from_millis(400));
    let folder = tempfile::tempdir().unwrap();
    let (mut ours, theirs) = terminal();
    let mut command = Command::new("env");
    command.args(["--default-signal=INT", env!("CARGO_BIN_EXE_cog"), "read", &server.url("/slow.tif"), "-o", "o.npy"]);
    command.env_remove("http_proxy").env_remove("HTTP_PROXY").env_remove("all_proxy").env_remove("ALL_PROXY");
    let mut child = command.current_dir(folder.path()).stdin(Stdio::null()).stderr(theirs).spawn().unwrap();
    command.stderr(Stdio::null());
    let mut drawn = Vec::new();
    let mut piece = [0; 4096];
    let mut sent = false;
    while let Ok(count @ 1..) = ours.read(&mut piece) {
        drawn.extend_from_slice(&piece[..count]);
        if !sent && String::from_utf8_lossy(&drawn).contains("blocks") {
            sent = true;
            let process = rustix::process::Pid::from_child(&child);
            rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
        }
    }
    let status = child.wait().unwrap();
    let drawn = String::from_utf8_lossy(&drawn).into_owned();
    assert!(sent, "{drawn:?}");
    assert_eq!(status.signal(), Some(2), "{status}: {drawn:?}");
    assert!(!drawn.rsplit("\x1b[2K").next().unwrap().contains("blocks"), "{drawn:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn slow_server() -> (Server, String) {
    let server = Server::start([("/slow.tif", CogPlan::new(2100, 2100).make().bytes)]);
    server.set_latency(Duration::from_millis(150));
    let url = server.url("/slow.tif");
    (server, url)
}

#[test]
fn a_bar_shows_blocks_bytes_rate_and_time_left() {
    let (_server, url) = slow_server();
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["read", &url, "-o", "o.npy"][..], &["stats", &url], &["preview", &url, "-o", "p.png"]] {
        let (code, drawn) = on_terminal(command::cog().current_dir(folder.path()).args(arguments));
        assert_eq!(code, Some(0), "{drawn}");
        for part in ["[=", " blocks", "iB", "/s", "\r"] {
            assert!(drawn.contains(part), "{arguments:?}: no {part:?} in {drawn:?}");
        }
        if arguments[0] != "stats" {
            let last = drawn.lines().last().unwrap();
            assert!(last.contains("wrote "), "{drawn:?}");
        }
    }
    // 25 tiles of 512 × 512 pixels.
    let (_, drawn) = on_terminal(command::cog().current_dir(folder.path()).args(["read", &url, "-o", "o.npy"]));
    assert!(drawn.contains("/25 blocks") && drawn.contains(" left"), "{drawn:?}");
}

#[test]
fn many_files_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.tif"), CogPlan::new(64, 64).make().bytes).unwrap();
    for (verb, ends) in [("info", 1), ("stats", 1), ("tags", 1), ("validate", 3)] {
        let (code, drawn) =
            on_terminal(command::cog().current_dir(folder.path()).args([verb, "a.tif", "a.tif", "none.tif"]));
        assert_eq!(code, Some(ends), "{drawn:?}");
        assert!(drawn.contains("[") && drawn.contains("/3 files"), "{verb}: {drawn:?}");
        assert!(drawn.lines().last().unwrap().contains("none.tif"), "{verb}: {drawn:?}");
        let end = command::run([verb, folder.path().join("a.tif").to_str().unwrap(), "none.tif"]);
        assert!(!end.stderr.contains("files"), "{:?}", end.stderr);
    }
    let (_, drawn) = on_terminal(command::cog().current_dir(folder.path()).args(["info", "a.tif"]));
    assert_eq!(drawn, "");
}

#[test]
fn nothing_is_drawn_in_a_pipe_or_where_it_is_not_wanted() {
    let (_server, url) = slow_server();
    let folder = tempfile::tempdir().unwrap();
    let mut piped = command::cog();
    let end = piped.current_dir(folder.path()).args(["read", &url, "-o", "o.npy"]).output().unwrap();
    let said = String::from_utf8(end.stderr).unwrap();
    assert!(said.starts_with("wrote o.npy: (1, 2100, 2100) uint8, ") && said.lines().count() == 1, "{said:?}");
    let end = command::cog().args(["stats", &url]).output().unwrap();
    assert!(end.stderr.is_empty(), "{:?}", String::from_utf8_lossy(&end.stderr));
    let quiet = ["-q", "read", &url, "-o", "o.npy"];
    let (code, drawn) = on_terminal(command::cog().current_dir(folder.path()).args(quiet));
    assert_eq!((code, drawn.as_str()), (Some(0), ""));
}

#[test]
fn the_bar_is_gone_when_an_error_is_told() {
    let whole = CogPlan::new(2100, 2100).make().bytes;
    let folder = tempfile::tempdir().unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() * 3 / 4;
    damaged[middle..middle + 100_000].fill(0x55);
    std::fs::write(folder.path().join("damaged.tif"), damaged).unwrap();
    let read = ["read", "damaged.tif", "-o", "o.npy"];
    let (code, drawn) = on_terminal(command::cog().current_dir(folder.path()).args(read));
    assert_eq!(code, Some(1), "{drawn:?}");
    let told = drawn.lines().last().unwrap();
    // The line was cleared before.
    assert!(
        told.contains("cog: damaged.tif") && !told.split("\x1b[2K").last().unwrap().contains(" blocks"),
        "{drawn:?}"
    );
}

#[test]
fn binary_data_is_not_sent_to_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.tif"), CogPlan::new(64, 64).make().bytes).unwrap();
    for arguments in [
        &["read", "a.tif", "-o", "-"][..],
        &["read", "a.tif", "-o", "/dev/stdout"],
        &["read", "a.tif", "-o", "o.npy", "--mask", "-"],
        &["preview", "a.tif", "-o", "-"],
    ] {
        let (mut ours, theirs) = terminal();
        let mut command = command::cog();
        let child = command.current_dir(folder.path()).args(arguments).stdout(theirs).stderr(Stdio::piped());
        let end = child.spawn().unwrap().wait_with_output().unwrap();
        command.stdout(Stdio::null());
        let said = String::from_utf8(end.stderr).unwrap();
        assert_eq!((end.status.code(), said.lines().count()), (Some(1), 1), "{arguments:?}: {said}");
        assert!(said.contains("is a terminal"), "{said}");
        let mut shown = Vec::new();
        _ = ours.read_to_end(&mut shown);
        assert!(shown.is_empty(), "{shown:?}");
    }
    // The same by the terminal's own name.
    let (ours, _theirs) = terminal();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let end = command::cog().current_dir(folder.path()).args(["read", "a.tif", "-o", &name]).output().unwrap();
    let said = String::from_utf8(end.stderr).unwrap();
    assert!(end.status.code() == Some(1) && said.contains("is a terminal"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
