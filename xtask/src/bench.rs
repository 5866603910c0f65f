//! `cargo xtask bench`: our speed next to that of others, measured in one run.

mod inputs;
mod machine;
mod reader;
mod report;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::{test_environment, workspace};
use inputs::Input;
use machine::Machine;
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
    let ours = reader::build()?;
    let mut inputs = inputs::prepare(&python, size)?;
    inputs.retain(|input| options.wants(input));
    ensure!(!inputs.is_empty(), "no input is named like that");
    let machine = Machine::observe()?;

    let mut rows = Vec::new();
    let mut versions = Vec::new();
    for threads in THREADS.into_iter().filter(|n| options.threads.is_none_or(|only| only == *n)) {
        let kinds = Kind::ALL.into_iter();
        let mut readers = kinds.map(|kind| Reader::start(kind, threads, &ours, &python)).collect::<Result<Vec<_>>>()?;
        versions = readers.iter().flat_map(|r| r.versions().to_vec()).collect();
        for input in &inputs {
            println!("{threads} thread(s): {}", input.name);
            rows.push(Row { input: input.clone(), threads, cells: measure(&mut readers, input, rounds)? });
        }
    }
    let mut seen = std::collections::HashSet::new();
    versions.retain(|(name, _)| seen.insert(name.clone()));

    let peaks = inputs.iter().map(|input| reader::peak_above_output(&ours, input)).collect::<Result<Vec<_>>>()?;
    let after = machine::busy_share()?;
    let report = Report { size, rounds, quick, machine, after, versions, rows, peaks };
    if !options.is_everything() {
        println!("{report}");
        return Ok(ExitCode::SUCCESS);
    }
    let path = workspace::root().join("BENCHMARKS.md");
    fs::write(&path, report.to_string()).with_context(|| path.display().to_string())?;
    println!("wrote {}", path.display());
    report.behind().iter().for_each(|line| println!("{line}"));
    Ok(ExitCode::SUCCESS)
}

/// Lets all readers read one file, in turns: what disturbs a round disturbs them all. Each round another one begins.
fn measure(readers: &mut [Reader], input: &Input, rounds: u32) -> Result<Vec<Cell>> {
    let mut cells = vec![Cell::default(); readers.len()];
    let mut sums = Vec::new();
    for (reader, cell) in readers.iter_mut().zip(&mut cells) {
        match reader.sha256(&input.path)? {
            Ok(sum) => sums.push((reader.kind, sum)),
            Err(error) => cell.error = Some(error),
        }
    }
    // A reader that reads other pixels has no time worth comparing.
    if let Some(((first, sum), others)) = sums.split_first() {
        let must_equal = |kind| input.exact || (*first == Kind::Ours && kind == Kind::Limit);
        if let Some((other, _)) = others.iter().find(|(kind, other)| must_equal(*kind) && other != sum) {
            bail!("{}: {} and {} read different pixels", input.name, first.name(), other.name());
        }
    }
    let mut order: Vec<usize> = (0..readers.len()).collect();
    for _ in 0..rounds {
        for &i in &order {
            if let (Some(reader), Some(cell)) = (readers.get_mut(i), cells.get_mut(i))
                && cell.error.is_none()
            {
                match reader.read_ms(&input.path)? {
                    Ok(time) => cell.times.push(time),
                    Err(error) => cell.error = Some(error),
                }
            }
        }
        order.rotate_left(1);
    }
    Ok(cells)
}
