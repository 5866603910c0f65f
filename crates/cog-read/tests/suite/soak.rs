//! Minutes of reading from servers of which one answer in twenty is wrong in one of twenty ways, while the files change.
//!
//! ```text
//! COG_SOAK_SECONDS=180 cargo test --release -p cog-read --test suite soak -- --ignored --nocapture
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::run;
use bytes::Bytes;
use cog_read::io::Config;
use cog_read::{Cog, Error, Raster, Session, SessionOptions};
use cog_testkit::server::{CogPlan, Fault, Server, TILE};

const TASKS: u64 = 12;
const TILES: u32 = 4;
/// Versions of each file, one after the other.
const SEEDS: [u32; 3] = [1, 2, 3];

fn faults() -> Vec<Fault> {
    vec![
        Fault::Status(500),
        Fault::Status(503),
        Fault::Status(429),
        Fault::Status(408),
        Fault::Status(404),
        Fault::Status(403),
        Fault::RetryAfter(503, 0),
        Fault::S3Error("SlowDown".into()),
        Fault::Region("eu-central-1".into()),
        Fault::IgnoreRange,
        Fault::ShiftedContentRange,
        Fault::NoContentRange,
        Fault::UnknownSize,
        Fault::WrongSize,
        Fault::Gzip,
        Fault::Cut(0),
        Fault::Cut(20_000),
        Fault::Short(100),
        Fault::Long(7),
        Fault::Stall(5000),
        Fault::Silence,
        Fault::Reset,
        // The same file: a redirect to another one would rightly give the other's pixels.
        Fault::Redirect(302, "?again".into()),
        Fault::Redirect(307, "ftp://elsewhere/".into()),
    ]
}

fn plan(path: &str, seed: u32) -> CogPlan {
    let (mask, seed) = if path == "/masked.tif" { (true, seed + 50) } else { (false, seed) };
    CogPlan { overviews: 1, mask, seed, ..CogPlan::new(TILES * TILE, TILES * TILE) }
}

/// What a tile of a file must hold: values, and 255 where they are valid.
type Expected = HashMap<(&'static str, u32, u32, u32), (Vec<u8>, Vec<u8>)>;

fn expected() -> Expected {
    let mut all = HashMap::new();
    for path in ["/plain.tif", "/masked.tif"] {
        for seed in SEEDS {
            let plan = plan(path, seed);
            for (x, y) in (0..TILES).flat_map(|y| (0..TILES).map(move |x| (x, y))) {
                let places =
                    || (0..TILE).flat_map(|row| (0..TILE).map(move |column| (x * TILE + column, y * TILE + row)));
                let values = places().map(|(x, y)| plan.value(0, x, y)).collect();
                let valid = places().map(|(x, y)| if plan.valid(0, x, y) { 255 } else { 0 }).collect();
                all.insert((path, seed, x, y), (values, valid));
            }
        }
    }
    all
}

/// Which version of a file a tile belongs to; `None` if to none, which must never be.
fn version_of(expected: &Expected, path: &'static str, x: u32, y: u32, tile: &Raster) -> Option<u32> {
    let pixels = tile.pixels.to_le_bytes();
    let mask = tile.mask();
    let is = |seed: &u32| {
        let (values, valid) = &expected[&(path, *seed, x, y)];
        *values == pixels && mask.iter().eq(valid.iter())
    };
    SEEDS.into_iter().find(is)
}

/// Bytes of the pixels and of the mask of a tile.
type Made = (Vec<u8>, Vec<u8>);

/// Whose pixels and whose mask a tile has that is not what it should be: any file, any version, any tile.
fn whose(expected: &Expected, tile: &Raster) -> String {
    let pixels = tile.pixels.to_le_bytes();
    let mask: Vec<u8> = tile.mask().into_iter().collect();
    let of = |is: &dyn Fn(&Made) -> bool| {
        let mut found: Vec<_> = expected.iter().filter(|(_, made)| is(made)).map(|(key, _)| *key).collect();
        found.sort_unstable();
        found
    };
    let pixels_of = of(&|made| made.0 == pixels);
    let masks = of(&|made| made.1 == mask);
    let all_valid = mask.iter().all(|value| *value == 255);
    format!("pixels of {pixels_of:?}; mask all valid: {all_valid}, of {} known tiles", masks.len())
}

/// The name of an error that a reader may meet here; any other ends the test.
fn name(error: &Error) -> &'static str {
    use cog_read::io::Error as Io;
    match error {
        Error::Io(Io::NotFound { .. }) => "not found",
        Error::Io(Io::Denied { .. }) => "denied",
        Error::Io(Io::Changed { .. }) => "changed",
        Error::Io(Io::OutOfBounds { .. }) | Error::BlockBytes { .. } => "out of bounds",
        Error::Io(Io::Connect { .. }) => "no connection",
        Error::Io(Io::Timeout { .. }) => "timeout",
        Error::Io(Io::Http { .. }) => "http status",
        Error::Io(Io::Protocol { .. }) => "protocol",
        Error::Io(Io::Io { .. }) => "connection broke",
        other => panic!("an error that should not be: {other:?}"),
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

#[derive(Default)]
struct Seen {
    tiles: u64,
    opens: u64,
    dropped: u64,
    errors: BTreeMap<&'static str, u64>,
}

fn descriptors() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count())
}

/// Resident memory in MiB.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

fn session(kind: u64, ca: &std::path::Path) -> Session {
    let mut io = Config::default()
        .with_ca_file(ca)
        .with_read_timeout(Duration::from_millis(400))
        .with_block_cache(kind.is_multiple_of(3))
        .with_header_cache(kind.is_multiple_of(2))
        .with_version_ttl(Duration::from_millis(if kind.is_multiple_of(5) { 0 } else { 2000 }));
    io.retry.base_delay = Duration::from_millis(2);
    Session::new(SessionOptions::default().with_threads(2).with_io(io))
}

/// Opens files and reads tiles until the time is up. Every tile must be right, and all tiles of one opening of one version.
async fn read_on(
    task: u64,
    urls: Arc<[String; 2]>,
    ca: std::path::PathBuf,
    expected: Arc<Expected>,
    end: Instant,
    seen: Arc<Mutex<Seen>>,
) {
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (task + 1) << 20);
    let mut shared = session(task, &ca);
    let failed = |error: Error| *seen.lock().unwrap().errors.entry(name(&error)).or_default() += 1;
    while Instant::now() < end {
        if random.below(40) == 0 {
            shared = session(random.below(30), &ca);
        }
        let path = ["/plain.tif", "/masked.tif"][random.below(2) as usize];
        let url = format!("{}{path}", urls[random.below(2) as usize]);
        let cog: Cog = match shared.open(&url).await {
            Ok(cog) => cog,
            Err(error) => {
                failed(error);
                continue;
            }
        };
        seen.lock().unwrap().opens += 1;
        let mut version = None;
        for _ in 0..random.below(20) {
            let (x, y) = (random.below(TILES.into()) as u32, random.below(TILES.into()) as u32);
            // Now and then the caller loses patience.
            let patience = Duration::from_millis(if random.below(20) == 0 { random.below(30) } else { 60_000 });
            let tiles = [(x, y), ((x + 1) % TILES, y)];
            let tiles = &tiles[..1 + random.below(2) as usize];
            match tokio::time::timeout(patience, cog.tiles(tiles.iter().copied())).await {
                Err(_) => seen.lock().unwrap().dropped += 1,
                Ok(Err(error)) => failed(error),
                Ok(Ok(rasters)) => {
                    for (raster, &(x, y)) in rasters.iter().zip(tiles) {
                        let found = version_of(&expected, path, x, y, raster);
                        let found = found.unwrap_or_else(|| {
                            panic!("{url}: wrong pixels in tile ({x}, {y}): {}", whose(&expected, raster))
                        });
                        let first = *version.get_or_insert(found);
                        assert_eq!(found, first, "{path}: tiles of two versions from one opening");
                        seen.lock().unwrap().tiles += 1;
                    }
                }
            }
        }
    }
}

#[test]
#[ignore = "takes minutes"]
fn every_tile_is_right_and_every_failure_has_a_name() {
    let seconds = std::env::var("COG_SOAK_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(180u64);
    let expected = Arc::new(expected());
    let made: Vec<(&str, Vec<Bytes>)> = ["/plain.tif", "/masked.tif"]
        .map(|path| (path, SEEDS.map(|seed| Bytes::from(plan(path, seed).make().bytes)).to_vec()))
        .to_vec();
    let files = || made.iter().map(|(path, versions)| (*path, versions[0].clone()));
    let servers = [Server::start(files()), Server::start_tls(files())];
    for (server, seed) in servers.iter().zip([7, 11]) {
        server.set_latency(Duration::from_millis(2));
        server.inject_randomly(50, faults(), seed);
    }
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), servers[1].ca_pem().unwrap()).unwrap();
    let urls = Arc::new([servers[0].url(""), servers[1].url("")]);
    let seen = Arc::new(Mutex::new(Seen::default()));
    let rounds = AtomicU32::new(0);
    let began = Instant::now();
    let end = began + Duration::from_secs(seconds);
    let mut measured = Vec::new();
    let mut requests = 0;
    run(async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let reading = read_on(
                    task,
                    Arc::clone(&urls),
                    ca.path().to_owned(),
                    Arc::clone(&expected),
                    end,
                    Arc::clone(&seen),
                );
                tokio::spawn(reading)
            })
            .collect();
        while Instant::now() < end && tasks.iter().all(|task| !task.is_finished()) {
            tokio::time::sleep(Duration::from_secs(3).min(end.saturating_duration_since(Instant::now()))).await;
            let round = rounds.fetch_add(1, Ordering::Relaxed) as usize;
            for (path, versions) in &made {
                servers[round % 2].put(path, versions[(round / 2 + 1) % SEEDS.len()].clone());
            }
            requests += servers.iter().map(|server| server.take_log().len()).sum::<usize>();
            measured.push((descriptors(), memory()));
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
    let seen = seen.lock().unwrap();
    println!(
        "{:?}: {requests} requests, {} files opened, {} tiles right, {} reads dropped, failures: {:?}",
        began.elapsed(),
        seen.opens,
        seen.tiles,
        seen.dropped,
        seen.errors
    );
    println!("descriptors and MiB every 3 s: {measured:?}");
    assert!(seen.tiles >= 15 * seconds, "too few tiles to say anything");
    for wanted in ["changed", "protocol", "not found", "denied"] {
        assert!(seen.errors.contains_key(wanted), "no failure of this kind was met: {wanted}");
    }
    let third = measured.len() / 3;
    let most = |part: &[(Option<usize>, Option<u64>)]| {
        (part.iter().filter_map(|m| m.0).max().unwrap_or(0), part.iter().filter_map(|m| m.1).max().unwrap_or(0))
    };
    let (early, late) = (most(&measured[third..2 * third]), most(&measured[2 * third..]));
    assert!(late.0 <= early.0 + 64, "descriptors grow: {early:?}, {late:?}");
    assert!(late.1 <= early.1 + 64, "memory grows: {early:?}, {late:?}");
}
