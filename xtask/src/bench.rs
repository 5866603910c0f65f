//! `cargo xtask bench`: our speed next to that of others, measured in one run.

mod inputs;
mod machine;
mod part_report;
pub(crate) mod reader;
mod report;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use serde_json::json;

use crate::{benchmarks_file, test_environment};
use inputs::Input;
use machine::Machine;
use part_report::{PartReport, PartRow};
use reader::{Kind, Reader};
use report::{Cell, Report, Row};

const THREADS: [usize; 2] = [1, 2];

/// What is measured.
pub(crate) struct Options {
    pub(crate) quick: bool,
    pub(crate) rounds: Option<u32>,
    /// Parts of file names; none means every input.
    pub(crate) only: Vec<String>,
    pub(crate) threads: Option<usize>,
}

impl Options {
    fn wants(&self, input: &Input) -> bool {
        let name = input.path.file_name().unwrap_or_default().to_string_lossy();
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part))
    }

    fn is_everything(&self) -> bool {
        self.only.is_empty() && self.threads.is_none()
    }
}

/// Reads whole images with every codec and writes what it took to BENCHMARKS.md.
pub(crate) fn decode(options: &Options) -> Result<ExitCode> {
    let quick = options.quick;
    let rounds = options.rounds.unwrap_or(if quick { 3 } else { 7 }).max(1);
    let size = if quick { 2048 } else { 4096 };
    let python = test_environment::with_packages("bench-env", "xtask/bench/requirements.txt")?;
    let mut inputs = inputs::prepare(&python, size)?;
    inputs.retain(|input| options.wants(input));
    let jpeg = inputs.iter().position(Input::is_jpeg);
    let jpeg = jpeg.and_then(|at| Some((at + 1, inputs.get(at)?.with_turbojpeg())));
    let with_turbojpeg = match jpeg {
        Some((at, input)) => reader::build_with_turbojpeg()?.inspect(|_| inputs.insert(at, input)),
        None => None,
    };
    let ours = reader::build()?;
    ensure!(!inputs.is_empty(), "no input is named like that");
    let machine = Machine::observe()?;

    let mut rows = Vec::new();
    let mut versions = Vec::new();
    for threads in THREADS.into_iter().filter(|n| options.threads.is_none_or(|only| only == *n)) {
        let start = |ours: &Path| {
            let kinds = Kind::ALL.into_iter();
            kinds.map(|kind| Reader::start(kind, threads, ours, &python)).collect::<Result<Vec<_>>>()
        };
        let mut readers = start(&ours)?;
        let mut readers_with_turbojpeg = with_turbojpeg.as_deref().map(start).transpose()?;
        versions = readers.iter().flat_map(|r| r.versions().to_vec()).collect();
        for input in &inputs {
            println!("{threads} thread(s): {}", input.name);
            let path = input.path.display().to_string();
            let readers = match &mut readers_with_turbojpeg {
                Some(others) if input.turbojpeg => others,
                _ => &mut readers,
            };
            let cells = measure(readers, &path, input.exact, rounds)?;
            rows.push(Row { input: input.clone(), threads, cells });
        }
    }
    let mut seen = std::collections::HashSet::new();
    versions.retain(|(name, _)| seen.insert(name.clone()));

    let program = |input: &Input| with_turbojpeg.as_ref().filter(|_| input.turbojpeg).unwrap_or(&ours);
    let peaks =
        inputs.iter().map(|input| reader::peak_above_output(program(input), input)).collect::<Result<Vec<_>>>()?;
    let after = machine::busy_share()?;
    let report = Report { size, rounds, quick, machine, after, versions, rows, peaks };
    if !options.is_everything() {
        println!("{report}");
        return Ok(ExitCode::SUCCESS);
    }
    benchmarks_file::put("decode", &report.to_string())?;
    report.slower().iter().for_each(|line| println!("{line}"));
    Ok(ExitCode::SUCCESS)
}

/// Inputs of `bench read`, by the names of their files.
const PARTS: [&str; 5] = ["none-u8", "zstd-p2-u16", "deflate-p2-u8", "lzw-p2-u16", "jpeg-ycbcr"];

const METHODS: [&str; 9] =
    ["nearest", "bilinear", "cubic", "cubic-spline", "lanczos", "average", "mode", "rms", "gauss"];

/// Reads reduced and enlarged parts by every method and writes what it took to BENCHMARKS.md.
pub(crate) fn read(options: &Options) -> Result<ExitCode> {
    let quick = options.quick;
    let rounds = options.rounds.unwrap_or(if quick { 2 } else { 5 }).max(1);
    let size = if quick { 2048 } else { 4096 };
    let python = test_environment::with_packages("bench-env", "xtask/bench/requirements.txt")?;
    let ours = reader::build()?;
    let mut inputs = inputs::prepare(&python, size)?;
    inputs.retain(|input| options.wants(input));
    let machine = Machine::observe()?;
    // A third of the size: kernels and averages have fractions; a part of it in twice its size.
    let half = size / 2;
    let shapes = [
        ("a third of the size", json!({ "shape": [size / 3, size / 3] })),
        ("a window twice as large", json!({ "window": [100, 200, half / 2, half / 2], "shape": [half, half] })),
    ];
    let mut rows = Vec::new();
    let mut versions = Vec::new();
    for threads in THREADS.into_iter().filter(|n| options.threads.is_none_or(|only| only == *n)) {
        let kinds = [Kind::Ours, Kind::Gdal].into_iter();
        let mut readers = kinds.map(|kind| Reader::start(kind, threads, &ours, &python)).collect::<Result<Vec<_>>>()?;
        versions = readers.iter().flat_map(|r| r.versions().to_vec()).collect();
        for part in PARTS {
            let named = |input: &&Input| input.path.file_stem().is_some_and(|stem| stem == part);
            let Some(input) = inputs.iter().find(named) else { continue };
            for (what, shape) in &shapes {
                for method in METHODS {
                    println!("{threads} thread(s): {}, {what}, {method}", input.name);
                    let mut wanted = shape.clone();
                    if let Some(wanted) = wanted.as_object_mut() {
                        wanted.insert("resampling".to_owned(), json!(method));
                    }
                    let request = format!("{}\t{wanted}", input.path.display());
                    let cells = measure(&mut readers, &request, false, rounds)?;
                    rows.push(PartRow { input: input.name.clone(), what, method, threads, cells });
                }
            }
        }
    }
    let report = PartReport { size, rounds, machine, after: machine::busy_share()?, versions, rows };
    if !options.is_everything() {
        println!("{report}");
        return Ok(ExitCode::SUCCESS);
    }
    benchmarks_file::put("read", &report.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// Lets all readers read one file, in turns: what disturbs a round disturbs them all. Each round another one begins. `exact` says
/// that all must read the same samples; tifffile, which has libjpeg-turbo, must read ours always.
fn measure(readers: &mut [Reader], request: &str, exact: bool, rounds: u32) -> Result<Vec<Cell>> {
    let mut cells = vec![Cell::default(); readers.len()];
    let mut sums = Vec::new();
    for (reader, cell) in readers.iter_mut().zip(&mut cells) {
        match reader.sha256(request)? {
            Ok(sum) => sums.push((reader.kind, sum)),
            Err(error) => cell.error = Some(error),
        }
    }
    // A reader that reads other pixels has no time worth comparing.
    if let Some(((first, sum), others)) = sums.split_first() {
        let must_equal = |kind| exact || (*first == Kind::Ours && matches!(kind, Kind::Limit | Kind::Tifffile));
        if let Some((other, _)) = others.iter().find(|(kind, other)| must_equal(*kind) && other != sum) {
            bail!("{request}: {} and {} read different pixels", first.name(), other.name());
        }
    }
    let mut order: Vec<usize> = (0..readers.len()).collect();
    for _ in 0..rounds {
        for &i in &order {
            if let (Some(reader), Some(cell)) = (readers.get_mut(i), cells.get_mut(i))
                && cell.error.is_none()
            {
                match reader.read_ms(request)? {
                    Ok(time) => cell.times.push(time),
                    Err(error) => cell.error = Some(error),
                }
            }
        }
        order.rotate_left(1);
    }
    Ok(cells)
}
