//! `cargo xtask bench`: our speed next to that of others, measured in one run.

mod inputs;
mod machine;
mod reader;
mod report;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::{test_environment, workspace};
use inputs::Input;
use machine::Machine;
use reader::{Kind, Reader};
use report::{Cell, Report, Row};

const THREADS: [usize; 2] = [1, 2];

/// Reads whole images with every codec and writes what it took to BENCHMARKS.md.
pub(crate) fn decode(quick: bool, rounds: Option<u32>) -> Result<ExitCode> {
    let rounds = rounds.unwrap_or(if quick { 3 } else { 7 }).max(1);
    let size = if quick { 2048 } else { 4096 };
    let python = test_environment::with_packages("bench-env", "xtask/bench/requirements.txt")?;
    let ours = reader::build()?;
    let inputs = inputs::prepare(&python, size)?;
    let machine = Machine::observe()?;

    let mut rows = Vec::new();
    let mut versions = Vec::new();
    for threads in THREADS {
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
    let path = workspace::root().join("BENCHMARKS.md");
    fs::write(&path, report.to_string()).with_context(|| path.display().to_string())?;
    println!("wrote {}", path.display());
    let behind = report.behind();
    behind.iter().for_each(|line| println!("{line}"));
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
