//! How commands end when nobody can hear them: standard output or standard error full, closed, or a pipe without a reader.
#![cfg(target_os = "linux")]

use crate::command;
use std::fs::OpenOptions;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cog_testkit::Corpus;

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

/// The exit code; a command that hangs is ended.
fn code(child: &mut Child) -> Option<i32> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("still running after a minute");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Arguments and the code they end with; whether they print.
fn commands() -> Vec<(Vec<String>, i32, bool)> {
    let file = testdata("cog_web_mercator.tif");
    let all: [(&[&str], i32, bool); 21] = [
        (&["info", &file], 0, true),
        (&["info", "--json", &file, &file], 0, true),
        (&["tags", &file], 0, true),
        (&["stats", &file], 0, true),
        (&["create-tms", &file], 0, true),
        (&["bounds", &file], 0, true),
        (&["bounds", &file, &file], 0, true),
        (&["tms"], 0, true),
        (&["tms", &file], 0, true),
        (&["point", &file, "0", "0"], 0, true),
        (&["point", &file, "0", "0", "--json"], 0, true),
        (&["completions", "bash"], 0, true),
        (&["--show-completion", "fish"], 0, true),
        (&["--help"], 0, true),
        (&["--version"], 0, true),
        (&["info", "-vv", "--stats", &file], 0, true),
        (&["info", "no-such.tif"], 1, false),
        (&["stats", "no-such.tif", "nor-this.tif"], 1, false),
        (&["read", &file, "-o", "/no/such/folder/o.npy"], 1, false),
        (&["preview", &file, "-o", "/no/such/folder/o.png"], 1, false),
        (&["info", "--no-such-flag"], 2, false),
    ];
    all.iter().map(|(words, code, prints)| (words.iter().map(|w| (*w).to_owned()).collect(), *code, *prints)).collect()
}

#[test]
fn a_full_standard_error_changes_no_exit_code() {
    for (arguments, expected, _) in commands() {
        let mut child =
            command::cog().args(&arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(full()).spawn().unwrap();
        assert_eq!(code(&mut child), Some(expected), "{arguments:?}");
    }
}

#[test]
fn a_full_standard_output_is_an_error_of_one_line() {
    for (arguments, expected, prints) in commands().into_iter().filter(|c| !c.0.contains(&"-vv".to_owned())) {
        let mut child =
            command::cog().args(&arguments).stdin(Stdio::null()).stdout(full()).stderr(Stdio::piped()).spawn().unwrap();
        assert_eq!(code(&mut child), Some(if prints { 1 } else { expected }), "{arguments:?}");
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        if prints {
            assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
            assert!(said.contains("cannot write to standard output: No space left"), "{arguments:?}: {said}");
        }
        let mut both =
            command::cog().args(&arguments).stdin(Stdio::null()).stdout(full()).stderr(full()).spawn().unwrap();
        assert_eq!(code(&mut both), Some(if prints { 1 } else { expected }), "{arguments:?}");
    }
}

#[test]
fn closed_descriptors_are_no_panic() {
    for (arguments, expected, _) in commands() {
        for closing in ["2>&-", ">&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"] {
            let mut shell = Command::new("sh");
            shell
                .arg("-c")
                .arg(format!("exec \"$0\" \"$@\" {closing}"))
                .arg(env!("CARGO_BIN_EXE_cog"))
                .args(&arguments);
            let mut child = shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            assert_eq!(code(&mut child), Some(expected), "{arguments:?} {closing}");
        }
    }
}

#[test]
fn a_pipe_without_reader_is_quiet() {
    for (arguments, expected, _) in commands().into_iter().filter(|c| c.2 && !c.0.contains(&"-vv".to_owned())) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child =
            command::cog().args(&arguments).stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        assert_eq!(code(&mut child), Some(expected), "{arguments:?}");
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(said, "", "{arguments:?}");
    }
}

#[test]
fn help_and_readme_have_the_same_table_of_exit_codes() {
    let help = command::run(["--help"]).stdout;
    let table: Vec<&str> =
        help.lines().skip_while(|l| *l != "Exit codes:").skip(1).take_while(|l| !l.is_empty()).collect();
    assert!(table.len() >= 5, "{help}");
    for readme in ["../../README.md", "README.md"] {
        let text = std::fs::read_to_string(format!("{}/{readme}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        for line in &table {
            let (code, meaning) = line.trim().split_once(' ').unwrap();
            let row = format!("| {code} | {} |", meaning.trim());
            assert!(text.contains(&row), "{readme} has no row {row}");
        }
    }
}

#[test]
fn help_names_the_environment_and_each_command_shows_an_example() {
    let help = command::run(["--help"]).stdout;
    for setting in
        ["LOG_LEVEL", "VERBOSE_LOGS", "RUST_LOG", "BOUNDLESS_READ", "AWS_ACCESS_KEY_ID", "GDAL_HTTP_MAX_RETRY"]
    {
        assert!(help.contains(&format!("  {setting} ")), "{setting}");
    }
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    for verb in [
        "info",
        "tags",
        "bounds",
        "tms",
        "create-tms",
        "read",
        "point",
        "stats",
        "preview",
        "stac",
        "completions",
        "man",
    ] {
        let help = command::run([verb, "--help"]).stdout;
        assert!(help.contains("Example") && help.contains(&format!(":\n  cog {verb} ")), "{help}");
    }
}
