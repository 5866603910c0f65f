//! `cargo xtask fetch-fixtures`: public test files of other projects, named by testdata/fixtures.json, fetched with the
//! workspace's own I/O and verified.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use cog_io::{Config, Location, Session};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use crate::workspace;

/// How many downloads run at once: polite to a public server, enough to hide its latency.
const AT_ONCE: usize = 8;

#[derive(Deserialize)]
struct Manifest {
    files: Vec<Fixture>,
}

/// One public file.
#[derive(Clone, Debug, Deserialize)]
struct Fixture {
    /// Path below testdata/fixtures.
    name: String,
    /// Pinned to a commit.
    url: String,
    sha256: String,
    size: u64,
    licence: String,
}

/// Where the bytes come from.
enum Origin {
    Network(Session),
    Mirror(PathBuf),
}

/// Prints name, size, licence and URL of each fixture.
pub(crate) fn list() -> Result<ExitCode> {
    let files = manifest()?;
    for file in &files {
        println!("{:>8}  {:<16}  {}  {}", file.size, file.licence, file.name, file.url);
    }
    println!("{} files, {} bytes", files.len(), files.iter().map(|f| f.size).sum::<u64>());
    Ok(ExitCode::SUCCESS)
}

/// Fetches what is missing or wrong. Every failure is named; then the exit code is 1.
pub(crate) fn fetch(mirror: Option<&Path>) -> Result<ExitCode> {
    let files = manifest()?;
    let origin = match mirror {
        Some(folder) if folder.is_dir() => Origin::Mirror(folder.to_path_buf()),
        Some(folder) => bail!("--mirror {} is not a folder", folder.display()),
        None => Origin::Network(Session::new(Config::from_env()?)),
    };
    let folder = workspace::root().join("testdata/fixtures");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(fetch_all(&files, Arc::new(origin), &folder));
    println!("{} fetched, {} were there, {} failed", outcome.fetched, outcome.present, outcome.failed.len());
    Ok(if outcome.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn manifest() -> Result<Vec<Fixture>> {
    let path = workspace::root().join("testdata/fixtures.json");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let manifest: Manifest = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    Ok(manifest.files)
}

#[derive(Default)]
struct Outcome {
    fetched: usize,
    present: usize,
    failed: Vec<String>,
}

async fn fetch_all(files: &[Fixture], origin: Arc<Origin>, folder: &Path) -> Outcome {
    let mut outcome = Outcome::default();
    let mut running = JoinSet::new();
    let mut waiting = files.iter().cloned();
    loop {
        while running.len() < AT_ONCE {
            let Some(file) = waiting.next() else { break };
            let (origin, folder) = (Arc::clone(&origin), folder.to_path_buf());
            running.spawn(async move {
                let done = fetch_one(&file, &origin, &folder).await;
                (file, done)
            });
        }
        let Some(ended) = running.join_next().await else { return outcome };
        let number = outcome.fetched + outcome.present + outcome.failed.len() + 1;
        match ended {
            Ok((_, Ok(false))) => outcome.present += 1,
            Ok((file, Ok(true))) => {
                outcome.fetched += 1;
                println!("[{number}/{}] {} ({} bytes)", files.len(), file.name, file.size);
            }
            Ok((file, Err(error))) => {
                eprintln!("[{number}/{}] {}: FAILED: {error:#}", files.len(), file.name);
                outcome.failed.push(file.name);
            }
            Err(error) => {
                eprintln!("[{number}/{}] a download ended abnormally: {error}", files.len());
                outcome.failed.push(error.to_string());
            }
        }
    }
}

/// Whether the file had to be fetched. A file that is there and right is left alone, so a second run goes on where the first ended.
async fn fetch_one(file: &Fixture, origin: &Origin, folder: &Path) -> Result<bool> {
    let target = folder.join(below(&file.name)?);
    if fs::read(&target).is_ok_and(|bytes| verify(file, &bytes).is_ok()) {
        return Ok(false);
    }
    let bytes = match origin {
        Origin::Mirror(mirror) => from_mirror(mirror, file)?,
        Origin::Network(session) => download(session, file).await?,
    };
    verify(file, &bytes)?;
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    // A name of its own until it is whole: an interrupted run leaves no half file under the right name.
    let partial = target.with_extension("part");
    fs::write(&partial, &bytes).with_context(|| partial.display().to_string())?;
    fs::rename(&partial, &target).with_context(|| target.display().to_string())?;
    Ok(true)
}

async fn download(session: &Session, file: &Fixture) -> Result<Vec<u8>> {
    let source = session.open(&Location::parse(&file.url)?).await?;
    // One byte more than there should be: a longer file is noticed.
    Ok(source.read_first(file.size + 1).await?.to_vec())
}

/// A mirror is a folder of the same names, or one that holds them below `files/` as a corpus does.
fn from_mirror(mirror: &Path, file: &Fixture) -> Result<Vec<u8>> {
    let name = below(&file.name)?;
    let path = [mirror.join(&name), mirror.join("files").join(&name)].into_iter().find(|p| p.is_file());
    let path = path.ok_or_else(|| anyhow!("not in {}", mirror.display()))?;
    fs::read(&path).with_context(|| path.display().to_string())
}

fn verify(file: &Fixture, bytes: &[u8]) -> Result<()> {
    if bytes.len() as u64 != file.size {
        bail!("has {} bytes or more, the manifest says {}", bytes.len(), file.size);
    }
    let hash: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
    if hash != file.sha256 {
        bail!("has sha256 {hash}, the manifest says {}", file.sha256);
    }
    Ok(())
}

/// A manifest's name as a path that cannot leave its folder.
fn below(name: &str) -> Result<PathBuf> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':']);
    if !name.split('/').all(plain) {
        bail!("{name:?} is not a path below a folder");
    }
    Ok(name.split('/').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    // sha256 of "abc": FIPS 180-4, example 1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn fixture(name: &str) -> Fixture {
        let url = "http://127.0.0.1:9/none".to_owned();
        Fixture { name: name.to_owned(), url, sha256: ABC.to_owned(), size: 3, licence: "MIT".to_owned() }
    }

    fn run(files: &[Fixture], mirror: &Path, folder: &Path) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(fetch_all(files, Arc::new(Origin::Mirror(mirror.to_path_buf())), folder))
    }

    #[test]
    fn a_second_run_fetches_only_what_is_missing_or_damaged() {
        let (mirror, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["a.tif", "b.tif"] {
            fs::write(mirror.path().join(name), "abc").unwrap();
        }
        let files = [fixture("a.tif"), fixture("b.tif")];
        let first = run(&files, mirror.path(), folder.path());
        assert_eq!((first.fetched, first.present, first.failed.len()), (2, 0, 0));
        fs::write(folder.path().join("b.tif"), "ab").unwrap();
        let second = run(&files, mirror.path(), folder.path());
        assert_eq!((second.fetched, second.present, second.failed.len()), (1, 1, 0));
        assert_eq!(fs::read(folder.path().join("b.tif")).unwrap(), b"abc");
    }

    #[test]
    fn a_wrong_hash_and_a_missing_file_fail_by_name_and_leave_nothing() {
        let (mirror, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(mirror.path().join("wrong.tif"), "abd").unwrap();
        let outcome = run(&[fixture("wrong.tif"), fixture("missing.tif")], mirror.path(), folder.path());
        let mut failed = outcome.failed;
        failed.sort();
        assert_eq!(failed, ["missing.tif", "wrong.tif"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn names_stay_below_the_folder() {
        for bad in ["../a.tif", "/a.tif", "a//b.tif", "c:/a.tif", "a\\..\\b.tif", ""] {
            assert!(below(bad).is_err(), "{bad}");
        }
        assert_eq!(below("real/a/b.tif").unwrap(), PathBuf::from("real/a/b.tif"));
    }

    #[test]
    fn the_manifest_names_each_file_once_and_pins_its_url() {
        let files = manifest().unwrap();
        let names: std::collections::BTreeSet<_> = files.iter().map(|f| &f.name).collect();
        assert_eq!(names.len(), files.len());
        for file in &files {
            below(&file.name).unwrap();
            let rest = file.url.strip_prefix("https://raw.githubusercontent.com/").expect("a public raw file");
            let commit = rest.split('/').nth(2).unwrap();
            assert!(commit.len() >= 12 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{}", file.url);
            assert!(file.sha256.len() == 64 && file.size > 0, "{}", file.name);
        }
    }
}
