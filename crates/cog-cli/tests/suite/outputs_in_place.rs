//! Where results go that cannot be renamed into place: FIFOs, devices, sockets, descriptors, files in folders that may not be
//! written.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cog_testkit::child::{self, Outcome};
use cog_testkit::not_run;
use cog_testkit::npy::Npy;
use rustix::fs::{CWD, Mode, mknodat};

use crate::command::{self, CAP};
use crate::outputs::{ARRAY, Place, assert_array, fifo};

/// A character device of this number, where the system lets one be made.
fn device(path: &Path, major: u32, minor: u32, test: &str) -> bool {
    let number = rustix::fs::makedev(major, minor);
    let made = mknodat(CWD, path, rustix::fs::FileType::CharacterDevice, Mode::from_raw_mode(0o666), number).is_ok()
        && File::options().write(true).open(path).is_ok();
    if !made {
        not_run(test, "root and a file system with devices");
    }
    made
}

#[test]
fn a_fifo_is_written_in_place_and_stays() {
    let place = Place::new();
    let path = place.path("pipe");
    fifo(&path);
    let reader = std::thread::spawn({
        let path = path.clone();
        move || fs::read(path).unwrap().len() as u64
    });
    place.good(&["read", "a.tif", "-o", "pipe"]);
    assert_eq!(reader.join().unwrap(), ARRAY);
    // A reader that goes away is no failure, and the mask is written all the same.
    let reader = std::thread::spawn({
        let path = path.clone();
        move || File::open(path).unwrap().read(&mut [0; 16]).unwrap()
    });
    let end = place.good(&["read", "a.tif", "-o", "pipe", "--mask", "m.npy", "--width", "2000"]);
    assert!(end.stderr.contains("pipe: part of") && end.stderr.contains("went away"), "{:?}", end.stderr);
    assert!(reader.join().unwrap() > 0);
    assert_eq!(Npy::open(&place.path("m.npy")).unwrap().shape.len(), 2);
    assert!(fs::symlink_metadata(&path).unwrap().file_type().is_fifo());
    assert_eq!(place.names(), ["a.tif", "m.npy", "pipe"]);
}

#[test]
fn a_device_is_written_in_place_and_never_removed() {
    let place = Place::new();
    place.fails(&["read", "a.tif", "-o", "/dev/full"], 1, &["/dev/full", "No space left"]);
    place.fails(&["preview", "a.tif", "-o", "/dev/full"], 1, &["/dev/full", "No space left"]);
    place.good(&["read", "a.tif", "-o", "/dev/null"]);
    for path in ["/dev/full", "/dev/null"] {
        assert!(fs::symlink_metadata(path).unwrap().file_type().is_char_device(), "{path}");
    }
    let test = "a_device_is_written_in_place_and_never_removed";
    if !device(&place.path("full"), 1, 7, test) || !device(&place.path("null"), 1, 3, test) {
        return;
    }
    symlink("full", place.path("link.npy")).unwrap();
    place.fails(&["read", "a.tif", "-o", "full"], 1, &["full", "No space left"]);
    place.fails(&["read", "a.tif", "-o", "link.npy"], 1, &["link.npy", "No space left"]);
    place.fails(&["read", "a.tif", "-o", "x.npy", "--mask", "full"], 1, &["full", "No space left"]);
    place.fails(&["preview", "a.tif", "-o", "full"], 1, &["full", "No space left"]);
    place.good(&["read", "a.tif", "-o", "null"]);
    place.good(&["preview", "a.tif", "-o", "null"]);
    for name in ["full", "null"] {
        assert!(fs::symlink_metadata(place.path(name)).unwrap().file_type().is_char_device(), "{name}");
    }
    assert!(fs::symlink_metadata(place.path("link.npy")).unwrap().is_symlink());
}

#[test]
fn a_socket_is_written_to() {
    let place = Place::new();
    let listener = std::os::unix::net::UnixListener::bind(place.path("socket")).unwrap();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
        bytes.len() as u64
    });
    place.good(&["read", "a.tif", "-o", "socket"]);
    assert_eq!(reader.join().unwrap(), ARRAY);
    // Nobody listens any more.
    place.fails(&["read", "a.tif", "-o", "socket"], 1, &["socket", "refused"]);
    assert!(fs::symlink_metadata(place.path("socket")).unwrap().file_type().is_socket());
}

#[test]
fn standard_output_is_what_the_caller_made_of_it() {
    let place = Place::new();
    let whole = fs::read({
        place.good(&["read", "a.tif", "-o", "o.npy"]);
        place.path("o.npy")
    })
    .unwrap();
    let mut names = vec!["-", "/dev/stdout"];
    names.extend(["/dev/fd/1", "/proc/self/fd/1"].iter().filter(|name| Path::new(name).exists()));
    for name in names {
        // A pipe.
        let end = place.cog(["read", "a.tif", "-o", name]).output().unwrap();
        assert!(end.status.success() && end.stdout == whole, "{name}: {}", String::from_utf8_lossy(&end.stderr));
        // `>> log` goes on behind what is there, and the file stays the one that the caller has open.
        fs::write(place.path("log"), b"before\n").unwrap();
        let inode = fs::metadata(place.path("log")).unwrap().ino();
        let mut log = File::options().append(true).open(place.path("log")).unwrap();
        let end = place.cog(["read", "a.tif", "-o", name]).stdout(log.try_clone().unwrap()).output().unwrap();
        assert!(end.status.success(), "{name}: {}", String::from_utf8_lossy(&end.stderr));
        log.write_all(b"after\n").unwrap();
        assert_eq!(fs::metadata(place.path("log")).unwrap().ino(), inode, "{name}");
        assert!(fs::read(place.path("log")).unwrap() == [b"before\n", &whole[..], b"after\n"].concat(), "{name}");
        // `{ cog …; echo after; } > log` shares one place in the file.
        let mut log = File::create(place.path("log")).unwrap();
        let end = place.cog(["read", "a.tif", "-o", name]).stdout(log.try_clone().unwrap()).output().unwrap();
        assert!(end.status.success(), "{name}");
        log.write_all(b"after\n").unwrap();
        assert!(fs::read(place.path("log")).unwrap() == [&whole[..], b"after\n"].concat(), "{name}");
    }
    let picture = place.cog(["preview", "a.tif", "-o", "-"]).output().unwrap();
    assert!(picture.status.success() && picture.stdout.starts_with(b"\x89PNG"));
    let mask = place.cog(["read", "a.tif", "-o", "o.npy", "--mask", "-"]).output().unwrap();
    assert_eq!(mask.stdout.len(), 128 + 75 * 80);
    assert_eq!(place.names(), ["a.tif", "log", "o.npy"]);
}

#[test]
fn other_descriptors_go_on_where_they_stand() {
    let place = Place::new();
    for (open, before) in [("3>>log", "before\n"), ("3>log", "")] {
        for name in ["/dev/fd/3", "/proc/self/fd/3"].iter().filter(|name| Path::new(name).parent().unwrap().exists()) {
            fs::write(place.path("log"), "before\n").unwrap();
            let script = format!("exec {open}; \"$0\" read a.tif -o {name} && echo after >&3");
            let mut shell = Command::new("sh");
            shell.current_dir(place.folder.path()).args(["-c", &script]).arg(env!("CARGO_BIN_EXE_cog"));
            let end = child::run(&mut shell, CAP).unwrap();
            assert!(end.is_success(), "{script}: {}", command::failure(&end));
            let log = fs::read(place.path("log")).unwrap();
            assert!(log.starts_with(before.as_bytes()) && log.ends_with(b"after\n"), "{script}");
            assert_eq!(log.len() as u64, before.len() as u64 + ARRAY + 6, "{script}");
        }
    }
    place.fails(&["read", "a.tif", "-o", "/dev/fd/77"], 1, &["/dev/fd/77"]);
}

#[test]
fn a_pipe_whose_reader_goes_away_is_no_crash() {
    let place = Place::new();
    for arguments in [
        &["read", "a.tif", "--width", "3000", "-o", "-"][..],
        &["preview", "a.tif", "-o", "/dev/stdout"],
        &["read", "a.tif", "--width", "3000", "-o", "o.npy", "--mask", "-"],
    ] {
        let mut child = place.cog(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let end = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&end.stderr).into_owned();
        assert!(end.status.success() && !said.contains("panicked"), "{arguments:?}: {said}");
    }
    assert_eq!(Npy::open(&place.path("o.npy")).unwrap().shape[0], 3);
}

/// `cog` as somebody who is not root, and may write only what is open to all.
fn as_nobody<S: AsRef<OsStr>>(place: &Place, arguments: impl IntoIterator<Item = S>) -> Outcome {
    if !rustix::process::geteuid().is_root() {
        return place.run(arguments);
    }
    fs::set_permissions(place.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let binary = tempfile::tempdir().unwrap();
    fs::set_permissions(binary.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let cog = binary.path().join("cog");
    fs::copy(env!("CARGO_BIN_EXE_cog"), &cog).unwrap();
    let mut command = Command::new(&cog);
    command.current_dir(place.folder.path()).args(arguments).uid(65534).gid(65534);
    let started = Instant::now();
    loop {
        match child::run(&mut command, CAP) {
            // Another test has just begun a program, which holds the copy open for writing until it runs.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && started.elapsed() < CAP => {
                std::thread::sleep(Duration::from_millis(5));
            }
            outcome => return outcome.unwrap(),
        }
    }
}

/// Makes a folder with one file in it, that anyone may write, while nothing can be made beside it.
fn closed_folder(place: &Place) {
    fs::create_dir(place.path("d")).unwrap();
    fs::write(place.path("d/o.npy"), vec![7; 50_000]).unwrap();
    fs::set_permissions(place.path("d/o.npy"), fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(place.path("d"), fs::Permissions::from_mode(0o555)).unwrap();
}

#[test]
fn a_file_in_a_folder_that_may_not_be_written_is_written_in_place() {
    let place = Place::new();
    closed_folder(&place);
    let inode = fs::metadata(place.path("d/o.npy")).unwrap().ino();
    let end = as_nobody(&place, ["read", "a.tif", "-o", "d/o.npy"]);
    assert!(end.is_success(), "{}", command::failure(&end));
    assert_array(place.path("d/o.npy"));
    let end = as_nobody(&place, ["preview", "a.tif", "--format", "png", "-o", "d/o.npy"]);
    assert_eq!(end.code, Some(2), "{}", command::failure(&end));
    assert_eq!(fs::metadata(place.path("d/o.npy")).unwrap().ino(), inode);
    // A read that fails leaves it as it was.
    let damaged = fs::read(place.path("a.tif")).unwrap();
    fs::write(place.path("cut.tif"), &damaged[..damaged.len() / 2]).unwrap();
    let end = as_nobody(&place, ["read", "cut.tif", "-o", "d/o.npy"]);
    command::assert_one_clear_line(&end, &["cut.tif"]);
    assert_array(place.path("d/o.npy"));
    // A new file cannot be made there.
    let end = as_nobody(&place, ["read", "a.tif", "-o", "d/new.npy"]);
    command::assert_one_clear_line(&end, &["d/new.npy", "permission denied"]);
    assert!(!end.stderr.contains(".part"), "{:?}", end.stderr);
    fs::set_permissions(place.path("d"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_file_that_may_not_be_written_is_not_replaced() {
    let place = Place::new();
    fs::create_dir(place.path("d")).unwrap();
    fs::set_permissions(place.path("d"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(place.path("d/o.npy"), b"old").unwrap();
    fs::set_permissions(place.path("d/o.npy"), fs::Permissions::from_mode(0o444)).unwrap();
    let end = as_nobody(&place, ["read", "a.tif", "-o", "d/o.npy"]);
    command::assert_one_clear_line(&end, &["d/o.npy", "permission denied"]);
    assert_eq!(fs::read(place.path("d/o.npy")).unwrap(), b"old");
    let end = as_nobody(&place, ["read", "a.tif", "-o", "d/new.npy"]);
    assert!(end.is_success(), "{}", command::failure(&end));
    assert_eq!(fs::read_dir(place.path("d")).unwrap().count(), 2);
}

#[test]
fn another_ones_file_in_a_sticky_folder_is_written_in_place() {
    if !rustix::process::geteuid().is_root() {
        return not_run("another_ones_file_in_a_sticky_folder_is_written_in_place", "root");
    }
    let place = Place::new();
    fs::create_dir(place.path("d")).unwrap();
    fs::set_permissions(place.path("d"), fs::Permissions::from_mode(0o1777)).unwrap();
    fs::write(place.path("d/o.npy"), vec![7; 50_000]).unwrap();
    fs::set_permissions(place.path("d/o.npy"), fs::Permissions::from_mode(0o666)).unwrap();
    let end = as_nobody(&place, ["read", "a.tif", "-o", "d/o.npy"]);
    assert!(end.is_success(), "{}", command::failure(&end));
    assert_array(place.path("d/o.npy"));
    assert_eq!(fs::metadata(place.path("d/o.npy")).unwrap().uid(), 0);
    assert_eq!(fs::read_dir(place.path("d")).unwrap().count(), 1);
}

/// A disk of one mebibyte, for as long as the value lives.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf) -> Option<SmallDisk> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&at).output();
        mounted.is_ok_and(|end| end.status.success()).then_some(SmallDisk(at))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn a_full_disk_leaves_what_was_there() {
    let place = Place::new();
    fs::create_dir(place.path("d")).unwrap();
    let Some(_disk) = SmallDisk::mount(place.path("d")) else {
        return not_run("a_full_disk_leaves_what_was_there", "root that may mount");
    };
    fs::write(place.path("d/o.npy"), b"old").unwrap();
    let wide = ["read", "a.tif", "--width", "1000", "-o", "d/o.npy"];
    command::assert_one_clear_line(&place.run(wide), &["d/o.npy", "no space left"]);
    assert_eq!(fs::read(place.path("d/o.npy")).unwrap(), b"old");
    assert_eq!(fs::read_dir(place.path("d")).unwrap().count(), 1);
    // In place too: its room is reserved before the first byte changes.
    fs::set_permissions(place.path("d/o.npy"), fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(place.path("d"), fs::Permissions::from_mode(0o555)).unwrap();
    command::assert_one_clear_line(&as_nobody(&place, wide), &["d/o.npy", "no space left"]);
    assert_eq!(fs::read(place.path("d/o.npy")).unwrap(), b"old");
}
