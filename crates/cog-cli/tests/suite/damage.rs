//! Files of the corpus, damaged at random: an error of one line or a correct read, in 512 MiB of memory and 10 seconds of
//! computing; and in 256 MiB beside the output where no block is large.
//!
//! A few of them each time; `COG_DAMAGED_FILES=2000` says how many, of all corpora, and prints a table.
#![cfg(target_os = "linux")]

use crate::command;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use cog_testkit::child::{self, Outcome};
use cog_testkit::damage::{Chance, damage};
use cog_testkit::{Corpus, CorpusFile, parallel};

/// What a command may compute, and after what time one that does nothing is ended.
const COMPUTED: Duration = Duration::from_secs(10);
const CAP: Duration = Duration::from_secs(120);
/// Address space of a child, in KiB: what it reserves counts, not only what it uses.
const ADDRESSES: &str = "524288";
/// What a file may have that it writes: 64 MiB, or 128 where a shell counts in larger blocks.
const BLOCKS: &str = "131072";
/// What a command may take beside its output and two blocks that are larger than `LARGE_BLOCK`.
const MEMORY: u64 = 256 << 20;
const LARGE_BLOCK: u64 = 96 << 20;
const SEED: u64 = 0x00c0_6f11_00e5;
const SAMPLE: usize = 60;

/// What is run on every file.
const COMMANDS: [&str; 5] = ["info", "read", "stats", "preview", "tags"];

/// `cog` that is given no more memory than it may take.
fn cog() -> Command {
    let inner = command::cog();
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("ulimit -v {ADDRESSES} && ulimit -f {BLOCKS} && exec \"$0\" \"$@\""))
        .arg(inner.get_program());
    for (name, _) in inner.get_envs().filter(|(_, value)| value.is_none()) {
        command.env_remove(name);
    }
    // Arenas reserve 64 MiB of addresses a thread, which are no memory.
    command.env("MALLOC_ARENA_MAX", "1");
    command
}

/// The end of one command on one file.
struct End {
    verb: &'static str,
    outcome: Outcome,
}

#[test]
fn damaged_files_end_in_an_error_or_a_read() {
    let count = std::env::var("COG_DAMAGED_FILES").ok().map(|n| n.parse().expect("COG_DAMAGED_FILES is a number"));
    let mut files: Vec<CorpusFile> = Vec::new();
    for corpus in Corpus::all("damaged_files_end_in_an_error_or_a_read").unwrap() {
        // The sample is the same with and without a larger corpus.
        if files.is_empty() || count.is_some() {
            files.extend(corpus.files().unwrap());
        }
    }
    files.retain(|file| std::fs::metadata(&file.path).is_ok_and(|m| m.len() > 0 && m.len() < 4 << 20));
    files.sort_by(|a, b| a.name().cmp(b.name()));
    let folder = tempfile::tempdir().unwrap();
    let numbers: Vec<u64> = (0..count.unwrap_or(SAMPLE) as u64).collect();
    let all = parallel::map(&numbers, command::THREADS, |number| {
        let mut chance = Chance::new(SEED.wrapping_add(*number));
        let (file, other) = (chance.of(&files), chance.of(&files));
        let read = |file: &CorpusFile| std::fs::read(&file.path).unwrap();
        let (bytes, how) = damage(&read(file), &read(other), &mut chance);
        let path = folder.path().join(format!("{number}.tif"));
        std::fs::write(&path, &bytes).unwrap();
        let ends = COMMANDS.map(|verb| run(verb, &path));
        let wrong: Vec<String> =
            ends.iter().filter_map(|end| misbehaviour(end).or_else(|| took_much(end, &path))).collect();
        // What went wrong can be looked at.
        if let Some(kept) = std::env::var_os("COG_DAMAGED_KEPT").filter(|_| !wrong.is_empty()) {
            std::fs::copy(&path, Path::new(&kept).join(format!("{number}.tif"))).unwrap();
        }
        std::fs::remove_file(&path).unwrap();
        let name = format!("{number} ({}: {how})", file.name());
        (ends, wrong.into_iter().map(|wrong| format!("{name}: {wrong}")).collect::<Vec<_>>())
    });
    let mut rows: BTreeMap<&str, (usize, usize, u64, Duration)> = BTreeMap::new();
    for end in all.iter().flat_map(|(ends, _)| ends) {
        let row = rows.entry(end.verb).or_default();
        row.0 += usize::from(end.outcome.is_success());
        row.1 += usize::from(!end.outcome.is_success());
        row.2 = row.2.max(end.outcome.peak_memory.unwrap_or(0));
        row.3 = row.3.max(end.outcome.computed.unwrap_or_default());
    }
    println!("{} damaged files of {}, seed {SEED:#x}", all.len(), files.len());
    println!(
        "| command | ends well | ends in an error | most memory | most time computed |\n| --- | --- | --- | --- | --- |"
    );
    for (verb, (good, bad, peak, took)) in rows {
        println!("| `{verb}` | {good} | {bad} | {} MiB | {:.1} s |", peak >> 20, took.as_secs_f64());
    }
    let wrong: Vec<String> = all.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{} ends:\n{}", wrong.len(), wrong.join("\n"));
}

fn run(verb: &'static str, path: &Path) -> End {
    let out = path.with_extension(if verb == "preview" { "png" } else { "npy" });
    let mut command = cog();
    command.arg(verb).arg(path);
    match verb {
        "read" => _ = command.args(["--max-output", "64MiB", "-o"]).arg(&out),
        "preview" => _ = command.args([OsStr::new("-o"), out.as_os_str()]),
        _ => {}
    }
    let outcome = child::run(&mut command, CAP).expect("cog starts");
    let _ = std::fs::remove_file(&out);
    End { verb, outcome }
}

/// What a command must never do, whatever the file.
fn misbehaviour(End { verb, outcome }: &End) -> Option<String> {
    let lines = outcome.stderr.lines().filter(|line| !line.trim().is_empty()).count();
    if outcome.timed_out {
        return Some(format!("{verb} was still running after {CAP:?}"));
    }
    if outcome.computed.is_some_and(|time| time > COMPUTED) {
        return Some(format!("{verb} computed for {:?}", outcome.computed));
    }
    if !matches!(outcome.code, Some(0 | 1)) || outcome.stderr.contains("panicked") {
        return Some(format!("{verb} ended with {}", command::failure(outcome)));
    }
    if outcome.code == Some(1) && lines != 1 {
        return Some(format!("{verb} did not say one line: {:?}", outcome.stderr));
    }
    None
}

/// What a command took, if that is too much for the blocks of the file.
fn took_much(End { verb, outcome }: &End, path: &Path) -> Option<String> {
    let output = match *verb {
        "read" => 64 << 20,
        // 1024 × 1024 pixels of three bands of 8 bytes and a mask.
        "preview" => 25 << 20,
        _ => 0,
    };
    let peak = outcome.peak_memory.filter(|peak| *peak > MEMORY + output)?;
    // A command that reads pixels can open the file.
    let block = command::info(path.as_os_str()).ok().map_or(0, |info| largest_block(&info));
    println!("{}: {verb} took {} MiB, largest block {} MiB", path.display(), peak >> 20, block >> 20);
    let blocks = if block > LARGE_BLOCK { 2 * block } else { 0 };
    (peak > MEMORY + output + blocks)
        .then(|| format!("{verb} took {} MiB, its largest block {} MiB", peak >> 20, block >> 20))
}

/// Bytes of the largest block of any level.
fn largest_block(info: &serde_json::Value) -> u64 {
    let profile = &info["profile"];
    let kind = profile["dtype"].as_str().unwrap_or_default();
    let bits: u64 = kind.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    let parts = if kind.starts_with("complex_int") { 2 } else { 1 };
    let bands = if profile["interleave"] == "pixel" { profile["count"].as_u64().unwrap_or(1) } else { 1 };
    let pixels = |level: &serde_json::Value| level["blockxsize"].as_u64()?.checked_mul(level["blockysize"].as_u64()?);
    let levels = info["levels"].as_array().map_or(&[][..], Vec::as_slice);
    levels.iter().filter_map(pixels).max().unwrap_or(0) * (bits / 8 * parts * bands)
}
