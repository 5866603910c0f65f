//! Where results go, and that nothing else is harmed: names, links, modes, owners.
#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cog_testkit::child::{self, Outcome};
use cog_testkit::npy::Npy;
use cog_testkit::{Corpus, not_run};
use rustix::fs::{CWD, Mode, mknodat};

use crate::command::{self, CAP};

/// 75 × 80 pixels of three bytes.
const IMAGE: &str = "deflate_p2_uint8_rgb.tif";
pub(crate) const ARRAY: u64 = 128 + 3 * 75 * 80;

/// A folder with a copy of the image in it.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let all = Corpus::testdata().files().unwrap();
        let image = all.into_iter().find(|f| f.name() == IMAGE).unwrap().path;
        fs::copy(image, folder.path().join("a.tif")).unwrap();
        Place { folder }
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `cog` in this folder.
    pub(crate) fn cog<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = command::cog();
        command.current_dir(self.folder.path()).args(arguments);
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        child::run(&mut self.cog(arguments), CAP).unwrap()
    }

    /// Names in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<OsString> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    }

    #[track_caller]
    pub(crate) fn good(&self, arguments: &[&str]) -> Outcome {
        let end = self.run(arguments);
        assert!(end.is_success(), "{arguments:?}: {}", command::failure(&end));
        end
    }

    /// The command line is refused: exit code 2, one line, and the folder as it was.
    #[track_caller]
    fn refused(&self, arguments: &[&str], words: &[&str]) {
        self.fails(arguments, 2, words);
    }

    #[track_caller]
    pub(crate) fn fails(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let before = self.contents();
        let end = self.run(arguments);
        assert_eq!(end.code, Some(code), "{arguments:?}: {}", command::failure(&end));
        assert_eq!(end.stderr.lines().count(), 1, "{:?}", end.stderr);
        for word in words {
            assert!(end.stderr.contains(word), "no {word:?} in {:?}", end.stderr);
        }
        assert_eq!(self.contents(), before, "{arguments:?} changed something");
    }

    /// Names with the bytes of regular files and the targets of links.
    fn contents(&self) -> Vec<(OsString, Vec<u8>)> {
        let content = |name: OsString| {
            let path = self.path(&name);
            let kind = fs::symlink_metadata(&path).unwrap().file_type();
            let bytes = if kind.is_symlink() {
                fs::read_link(&path).unwrap().into_os_string().into_vec()
            } else if kind.is_file() {
                fs::read(&path).unwrap()
            } else {
                Vec::new()
            };
            (name, bytes)
        };
        self.names().into_iter().map(content).collect()
    }

    fn image_is_whole(&self) -> bool {
        fs::read(self.path("a.tif")).unwrap().starts_with(b"II*\0")
    }
}

#[track_caller]
pub(crate) fn assert_array(path: impl AsRef<Path>) {
    assert_eq!(Npy::open(path.as_ref()).unwrap().shape, [3, 80, 75]);
    assert_eq!(fs::metadata(path).unwrap().len(), ARRAY);
}

pub(crate) fn fifo(path: &Path) {
    mknodat(CWD, path, rustix::fs::FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
}

#[test]
fn the_input_is_never_the_output() {
    let place = Place::new();
    fs::hard_link(place.path("a.tif"), place.path("hard.npy")).unwrap();
    symlink("a.tif", place.path("soft.npy")).unwrap();
    symlink("soft.npy", place.path("softer.npy")).unwrap();
    let url = format!("file://{}", place.path("a.tif").canonicalize().unwrap().display());
    for output in ["a.tif", "./a.tif", "hard.npy", "soft.npy", "softer.npy"] {
        for input in ["a.tif", "../a.tif", &url] {
            let input = input.replace("..", place.folder.path().to_str().unwrap());
            place.refused(&["read", &input, "-o", output], &[output, "is the input"]);
            place.refused(&["preview", &input, "-o", output], &[output, "is the input"]);
            place.refused(&["read", &input, "-o", "out.npy", "--mask", output], &[output, "is the input"]);
        }
    }
}

#[test]
fn nor_what_lies_beside_it_and_is_read() {
    let place = Place::new();
    fs::write(place.path("a.tif.msk"), b"a mask").unwrap();
    fs::hard_link(place.path("a.tif.msk"), place.path("mask.npy")).unwrap();
    place.refused(&["read", "--side-cars", "a.tif", "-o", "mask.npy"], &["mask.npy", "is the input a.tif.msk"]);
    place.good(&["read", "a.tif", "-o", "mask.npy"]);
    assert_eq!(fs::read(place.path("a.tif.msk")).unwrap(), b"a mask");
}

#[test]
fn standard_input_and_output_count_as_the_files_they_are() {
    let place = Place::new();
    fs::hard_link(place.path("a.tif"), place.path("hard.npy")).unwrap();
    let stdin = File::open(place.path("a.tif")).unwrap();
    let end = place.cog(["read", "-", "-o", "hard.npy"]).stdin(stdin).output().unwrap();
    assert_eq!(end.status.code(), Some(2), "{}", String::from_utf8_lossy(&end.stderr));
    // `>> a.tif`
    let stdout = File::options().append(true).open(place.path("a.tif")).unwrap();
    let end = place.cog(["read", "a.tif", "-o", "-"]).stdin(Stdio::null()).stdout(stdout).output().unwrap();
    assert_eq!(end.status.code(), Some(2), "{}", String::from_utf8_lossy(&end.stderr));
    let stdout = File::create(place.path("m.npy")).unwrap();
    let end = place.cog(["read", "a.tif", "-o", "-", "--mask", "m.npy"]).stdout(stdout).output().unwrap();
    assert_eq!(end.status.code(), Some(2), "{}", String::from_utf8_lossy(&end.stderr));
    assert!(place.image_is_whole());
}

#[test]
fn one_file_is_never_two_outputs() {
    let place = Place::new();
    fs::create_dir(place.path("d")).unwrap();
    symlink("new.npy", place.path("dangling.npy")).unwrap();
    symlink(".", place.path("here")).unwrap();
    fs::write(place.path("old.npy"), b"old").unwrap();
    fs::hard_link(place.path("old.npy"), place.path("same.npy")).unwrap();
    for (array, mask) in [
        ("z.npy", "z.npy"),
        ("z.npy", "./z.npy"),
        ("z.npy", "d/../z.npy"),
        ("z.npy", "here/z.npy"),
        ("new.npy", "dangling.npy"),
        ("old.npy", "same.npy"),
        ("-", "-"),
    ] {
        place.refused(&["read", "a.tif", "-o", array, "--mask", mask], &["cannot hold both the array and the mask"]);
    }
    let absolute = place.path("z.npy");
    place.refused(&["read", "a.tif", "-o", "z.npy", "--mask", absolute.to_str().unwrap()], &["cannot hold both"]);
    place.refused(&["read", "a.tif", "-o", "-", "--mask", "/dev/stdout"], &["cannot hold both"]);
    fifo(&place.path("pipe"));
    place.refused(&["read", "a.tif", "-o", "pipe", "--mask", "./pipe"], &["cannot hold both"]);
    // Nothing is lost in a sink.
    place.good(&["read", "a.tif", "-o", "/dev/null", "--mask", "/dev/null"]);
}

#[test]
fn an_ending_that_is_not_written_is_refused_and_the_others_are_listed() {
    let place = Place::new();
    place.refused(&["read", "a.tif", "-o", "x.nc"], &["x.nc", ".nc", ".npy", ".tif"]);
    place.refused(&["read", "a.tif", "-o", "x.npy", "--mask", "m.png"], &["m.png", "mask", ".npy"]);
    place.refused(&["preview", "a.tif", "-o", "a.gif"], &["a.gif", ".gif", ".png", ".jpg"]);
    place.good(&["read", "a.tif", "-o", "plain", "--mask", "M.NPY"]);
    assert_array(place.path("plain"));
    place.good(&["preview", "a.tif", "-o", "picture"]);
    assert!(fs::read(place.path("picture")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn folders_and_missing_folders_are_named() {
    let place = Place::new();
    fs::create_dir(place.path("d.npy")).unwrap();
    symlink("d.npy", place.path("to_folder")).unwrap();
    symlink("loop", place.path("loop")).unwrap();
    for folder in ["d.npy", ".", "..", "to_folder", "/"] {
        place.fails(&["read", "a.tif", "-o", folder], 1, &[folder, "is a folder"]);
    }
    place.fails(&["read", "a.tif", "-o", "no/x.npy"], 1, &["no/x.npy", "there is no folder no"]);
    place.fails(&["read", "a.tif", "-o", "no/"], 1, &["there is no folder no"]);
    place.fails(&["read", "a.tif", "-o", "a.tif/x.npy"], 1, &["there is no folder a.tif"]);
    place.fails(&["read", "a.tif", "-o", "loop"], 1, &["loop", "symbolic links"]);
}

#[test]
fn what_cannot_be_written_is_known_before_anything_is_read() {
    let place = Place::new();
    // The input is not there either: the output is complained about first.
    place.fails(&["read", "none.tif", "-o", "no/x.npy"], 1, &["no/x.npy"]);
    place.fails(&["read", "none.tif", "-o", "x.npy"], 1, &["none.tif"]);
}

#[test]
fn an_old_file_stays_until_the_new_one_is_whole() {
    let place = Place::new();
    fs::write(place.path("o.npy"), b"old").unwrap();
    fs::write(place.path("m.npy"), b"old mask").unwrap();
    let damaged = fs::read(place.path("a.tif")).unwrap();
    fs::write(place.path("cut.tif"), &damaged[..damaged.len() / 2]).unwrap();
    place.fails(&["read", "cut.tif", "-o", "o.npy", "--mask", "m.npy"], 1, &["cut.tif"]);
    // The array could be written, its mask not: neither is changed.
    place.fails(&["read", "a.tif", "-o", "o.npy", "--mask", "/dev/full"], 1, &["/dev/full", "No space left"]);
    place.good(&["read", "a.tif", "-o", "o.npy", "--mask", "m.npy"]);
    assert_array(place.path("o.npy"));
    assert_eq!(Npy::open(&place.path("m.npy")).unwrap().shape, [80, 75]);
    assert_eq!(place.names(), ["a.tif", "cut.tif", "m.npy", "o.npy"]);
}

#[test]
fn links_stay_and_what_they_lead_to_is_replaced() {
    let place = Place::new();
    fs::create_dir(place.path("d")).unwrap();
    fs::write(place.path("d/real.npy"), b"old").unwrap();
    symlink("d/real.npy", place.path("one.npy")).unwrap();
    symlink("one.npy", place.path("two.npy")).unwrap();
    symlink("d/new.npy", place.path("dangling.npy")).unwrap();
    place.good(&["read", "a.tif", "-o", "two.npy"]);
    place.good(&["read", "a.tif", "-o", "dangling.npy"]);
    for link in ["one.npy", "two.npy", "dangling.npy"] {
        assert!(fs::symlink_metadata(place.path(link)).unwrap().is_symlink(), "{link}");
    }
    for real in ["d/real.npy", "d/new.npy"] {
        assert!(fs::symlink_metadata(place.path(real)).unwrap().is_file(), "{real}");
        assert_array(place.path(real));
    }
    assert_eq!(fs::read_dir(place.path("d")).unwrap().count(), 2);
}

#[test]
fn the_mode_is_kept_and_a_new_file_gets_that_of_the_umask() {
    let place = Place::new();
    for mode in [0o600, 0o640, 0o666, 0o755] {
        fs::write(place.path("o.npy"), b"old").unwrap();
        fs::set_permissions(place.path("o.npy"), fs::Permissions::from_mode(mode)).unwrap();
        place.good(&["read", "a.tif", "-o", "o.npy"]);
        assert_eq!(fs::metadata(place.path("o.npy")).unwrap().mode() & 0o7777, mode);
        assert_array(place.path("o.npy"));
    }
    let mut shell = Command::new("sh");
    shell.current_dir(place.folder.path()).args(["-c", "umask 027; \"$0\" read a.tif -o u.npy"]);
    let end = child::run(shell.arg(env!("CARGO_BIN_EXE_cog")), CAP).unwrap();
    assert!(end.is_success(), "{}", command::failure(&end));
    assert_eq!(fs::metadata(place.path("u.npy")).unwrap().mode() & 0o7777, 0o640);
}

#[test]
fn the_owner_is_kept_where_that_is_possible() {
    let place = Place::new();
    fs::write(place.path("o.npy"), b"old").unwrap();
    if std::os::unix::fs::chown(place.path("o.npy"), Some(65534), Some(65534)).is_err() {
        return not_run("the_owner_is_kept_where_that_is_possible", "root");
    }
    fs::set_permissions(place.path("o.npy"), fs::Permissions::from_mode(0o4750)).unwrap();
    place.good(&["read", "a.tif", "-o", "o.npy"]);
    let meta = fs::metadata(place.path("o.npy")).unwrap();
    assert_eq!((meta.uid(), meta.gid(), meta.mode() & 0o7777), (65534, 65534, 0o4750));
}

#[cfg(target_os = "linux")]
#[test]
fn what_hangs_on_a_file_is_kept() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let test = "what_hangs_on_a_file_is_kept";
    let place = Place::new();
    let path = place.path("o.npy");
    fs::write(&path, b"old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    // Version 2; the owner rw, user 65534 rw, the group nothing, the mask rw, others nothing.
    let entry = |tag: u16, allowed: u16, who: u32| {
        [&tag.to_le_bytes()[..], &allowed.to_le_bytes(), &who.to_le_bytes()].concat()
    };
    let everyone = u32::MAX;
    let list = [
        2u32.to_le_bytes().to_vec(),
        entry(1, 6, everyone),
        entry(2, 6, 65534),
        entry(4, 0, everyone),
        entry(16, 6, everyone),
        entry(32, 0, everyone),
    ]
    .concat();
    let attributes = [("user.note", &b"kept"[..]), ("system.posix_acl_access", &list)];
    for (name, value) in attributes {
        if setxattr(&path, name, value, XattrFlags::empty()).is_err() {
            return not_run(test, "a file system with access lists");
        }
    }
    place.good(&["read", "a.tif", "-o", "o.npy"]);
    assert_array(&path);
    for (name, value) in attributes {
        let mut held = vec![0; 1024];
        let length = getxattr(&path, name, &mut held).unwrap();
        assert_eq!(&held[..length], value, "{name}");
    }
    // The bits of the group are the mask of the list.
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o660);
}

#[test]
fn names_need_not_be_utf8() {
    let place = Place::new();
    let odd = OsString::from_vec(b"caf\xe9.npy".to_vec());
    let end = place.run([OsStr::new("read"), OsStr::new("a.tif"), OsStr::new("-o"), &odd]);
    assert!(end.is_success(), "{}", command::failure(&end));
    assert_array(place.path(&odd));
    let ending = OsString::from_vec(b"caf.\xe9".to_vec());
    let end = place.run([OsStr::new("read"), OsStr::new("a.tif"), OsStr::new("-o"), &ending]);
    assert_eq!(end.code, Some(2), "{}", command::failure(&end));
    assert_eq!(place.names(), [OsStr::new("a.tif"), &odd]);
}

#[test]
fn a_name_as_long_as_names_may_be() {
    let place = Place::new();
    let long = format!("{}.npy", "n".repeat(251));
    place.good(&["read", "a.tif", "-o", &long]);
    place.good(&["read", "a.tif", "-o", &long, "--max-size", "8"]);
    assert_eq!(Npy::open(&place.path(&long)).unwrap().shape[0], 3);
    let longer = format!("{}.npy", "n".repeat(252));
    place.fails(&["read", "a.tif", "-o", &longer], 1, &["name too long"]);
    assert_eq!(place.names().len(), 2);
    // Nothing fits beside a short name in a folder whose path is as long as paths may be: 4095 bytes.
    let mut folder = place.folder.path().canonicalize().unwrap();
    while folder.as_os_str().len() + 202 < 4089 {
        folder.push("f".repeat(200));
        fs::create_dir(&folder).unwrap();
    }
    folder.push("g".repeat(4088 - folder.as_os_str().len()));
    fs::create_dir(&folder).unwrap();
    let name = "x.npy";
    let deep = folder.join(name);
    place.good(&["read", "a.tif", "-o", deep.to_str().unwrap()]);
    assert_array(&deep);
    place.good(&["read", "a.tif", "-o", deep.to_str().unwrap()]);
    assert_array(&deep);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn a_file_over_the_size_limit_of_the_shell_is_an_error_not_the_end() {
    let place = Place::new();
    let mut shell = Command::new("sh");
    // 8 or 16 KiB, as shells count.
    shell.current_dir(place.folder.path()).args(["-c", "ulimit -f 16; \"$0\" read a.tif -o o.npy --width 200"]);
    let end = child::run(shell.arg(env!("CARGO_BIN_EXE_cog")), CAP).unwrap();
    command::assert_one_clear_line(&end, &["o.npy", "too large"]);
    assert_eq!(place.names(), ["a.tif"]);
}

#[test]
fn what_was_written_is_said_in_one_line() {
    let place = Place::new();
    let end = place.good(&["read", "a.tif", "-o", "o.npy"]);
    assert_eq!(end.stderr, "wrote o.npy: (3, 80, 75) uint8, 17.70 KiB\n");
    let end = place.good(&["read", "a.tif", "-o", "o.npy", "--mask", "m.npy"]);
    assert_eq!(end.stderr, "wrote o.npy: (3, 80, 75) uint8, 17.70 KiB; m.npy: (80, 75) uint8, 5.98 KiB\n");
    let end = place.good(&["preview", "a.tif", "-o", "p.png", "--max-size", "40"]);
    let size = fs::metadata(place.path("p.png")).unwrap().len() as f64 / 1024.0;
    assert_eq!(end.stderr, format!("wrote p.png: 38 × 40 PNG, RGB, {size:.2} KiB\n"));
    for arguments in [&["-q", "read", "a.tif", "-o", "o.npy"][..], &["preview", "a.tif", "-o", "p.png", "--quiet"]] {
        assert_eq!(place.good(arguments).stderr, "");
    }
}
