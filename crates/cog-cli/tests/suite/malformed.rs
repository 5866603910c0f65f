//! Files that are damaged, hostile, or legal and absurd: an error message or a correct read. No panic, no abort, no hang, no more
//! memory than was allowed.

use crate::command;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use cog_testkit::child::{self, Outcome};
use cog_testkit::npy::Npy;
use cog_testkit::{Corpus, CorpusFile, parallel};

const CAP: Duration = Duration::from_secs(20);
const MEMORY: u64 = 256 << 20;

/// Damaged files that GDAL reads without a complaint and in another way than we do: (name, why).
const EXCEPTIONS: &[(&str, &str)] = &[];

#[test]
fn malformed_files_end_in_an_error_or_a_correct_read() {
    for corpus in Corpus::all("malformed_files_end_in_an_error_or_a_correct_read").unwrap() {
        let files = corpus.malformed().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let numbered: Vec<(usize, &CorpusFile)> = files.iter().enumerate().collect();
        let results = parallel::map(&numbered, command::THREADS, |(index, file)| {
            try_one(file, &folder.path().join(format!("{index}.npy")))
        });
        let wrong: Vec<String> = results.iter().flat_map(|r| r.wrong.clone()).collect();
        let read = results.iter().filter(|r| r.read).count();
        let equal = results.iter().filter(|r| r.equal).count();
        let peak = results.iter().filter_map(|r| r.peak).max();
        println!(
            "{}: {} malformed files, {read} read ({equal} equal to GDAL's pixels), the others end in an error; peak memory {} MiB",
            corpus.name(),
            files.len(),
            peak.map_or("unknown".to_owned(), |p| (p >> 20).to_string()),
        );
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), files.len(), wrong.join("\n"));
    }
}

#[derive(Default)]
struct Result {
    read: bool,
    equal: bool,
    peak: Option<u64>,
    wrong: Vec<String>,
}

fn try_one(file: &CorpusFile, out: &Path) -> Result {
    let mut result = Result::default();
    let path = file.path.as_os_str();
    let info = [OsStr::new("info"), path];
    let json = [OsStr::new("info"), OsStr::new("--json"), path];
    let read =
        [OsStr::new("read"), path, OsStr::new("--max-output"), OsStr::new("64MiB"), OsStr::new("-o"), out.as_os_str()];
    for arguments in [&info[..], &json[..], &read[..]] {
        let end = child::run(command::limited().args(arguments), CAP).expect("cog starts");
        result.peak = result.peak.max(end.peak_memory);
        let verb = arguments[0].to_string_lossy();
        if let Some(wrong) = misbehaviour(&end) {
            result.wrong.push(format!("{}: {verb} {wrong}", file.name()));
        }
        result.read = verb == "read" && end.is_success();
    }
    if result.read {
        result.equal = compare(file, out, &mut result.wrong);
        let _ = std::fs::remove_file(out);
    }
    result
}

/// What a command must never do, whatever the file.
fn misbehaviour(end: &Outcome) -> Option<String> {
    if end.timed_out {
        return Some(format!("was still running after {CAP:?}"));
    }
    if !matches!(end.code, Some(0 | 1)) || end.stderr.contains("panicked") {
        return Some(format!("ended with {}", command::failure(end)));
    }
    if end.code == Some(1) && end.stderr.lines().filter(|l| !l.trim().is_empty()).count() != 1 {
        return Some(format!("did not say one line: {:?}", end.stderr));
    }
    match end.peak_memory {
        Some(peak) if peak >= MEMORY => Some(format!("took {} MiB", peak >> 20)),
        _ => None,
    }
}

/// Whether the pixels are GDAL's; where GDAL reads the file whole and exactly, they have to be.
fn compare(file: &CorpusFile, out: &Path, wrong: &mut Vec<String>) -> bool {
    let expected = file.expected().unwrap();
    let level = expected.levels.iter().find(|l| l.level == 0);
    let Some(sha256) = level.filter(|_| expected.is_ok() && !expected.lossy).and_then(|l| l.sha256.as_deref()) else {
        return false;
    };
    match Npy::open(out).and_then(Npy::hashes) {
        Err(error) => wrong.push(format!("{}: {error}", file.name())),
        Ok(ours) if ours.sha256 == sha256 => return true,
        Ok(ours) => {
            let plain = level.and_then(|l| l.sha256_plain_nan.as_deref());
            if plain == Some(ours.plain_nan.as_str()) {
                return true;
            }
            match EXCEPTIONS.iter().find(|e| e.0 == file.name()) {
                Some((name, why)) => println!("  excepted: {name}: {why}"),
                None => wrong.push(format!("{}: read, but with other pixels than GDAL's", file.name())),
            }
        }
    }
    false
}
