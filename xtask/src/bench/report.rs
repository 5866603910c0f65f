//! BENCHMARKS.md.

use std::fmt;

use super::inputs::Input;
use super::machine::Machine;
use super::reader::Kind;

/// What one reader did with one file.
#[derive(Clone, Default)]
pub(crate) struct Cell {
    /// Milliseconds of each round.
    pub(crate) times: Vec<f64>,
    /// Why there are none.
    pub(crate) error: Option<String>,
}

/// One file read with one number of threads, by all readers in the order of [`Kind::ALL`].
pub(crate) struct Row {
    pub(crate) input: Input,
    pub(crate) threads: usize,
    pub(crate) cells: Vec<Cell>,
}

pub(crate) struct Report {
    pub(crate) size: u32,
    pub(crate) rounds: u32,
    pub(crate) quick: bool,
    pub(crate) machine: Machine,
    /// How busy others kept the machine after the run.
    pub(crate) after: Option<f64>,
    pub(crate) versions: Vec<(String, String)>,
    pub(crate) rows: Vec<Row>,
    /// Peak memory above the output, MiB, of each input.
    pub(crate) peaks: Vec<Option<f64>>,
}

/// From here on others are said to have disturbed the run.
const QUIET: f64 = 0.05;

impl Cell {
    pub(crate) fn best(&self) -> Option<f64> {
        self.times.iter().copied().min_by(f64::total_cmp).filter(|best| *best > 0.0)
    }

    fn median(&self) -> Option<f64> {
        let mut sorted = self.times.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied()
    }
}

impl Row {
    fn cell(&self, kind: Kind) -> Option<&Cell> {
        Kind::ALL.iter().position(|k| *k == kind).and_then(|i| self.cells.get(i))
    }

    /// 10^6 bytes of output in a second, by the best round.
    fn speed(&self, kind: Kind) -> Option<f64> {
        let best = self.cell(kind)?.best()?;
        Some(self.input.output_bytes as f64 / best / 1e3)
    }

    /// Our speed in multiples of another's.
    fn ratio(&self, to: Kind) -> Option<f64> {
        Some(self.speed(Kind::Ours)? / self.speed(to)?)
    }
}

impl Report {
    /// Where another reader is faster than cog-read, a line for each.
    pub(crate) fn slower(&self) -> Vec<String> {
        let others = [Kind::Gdal, Kind::Tifffile, Kind::AsyncTiff];
        let pairs = self.rows.iter().flat_map(|row| others.map(|kind| (row, kind)));
        pairs
            .filter_map(|(row, kind)| Some((row, kind, row.ratio(kind).filter(|ratio| *ratio < 1.0)?)))
            .map(|(row, kind, ratio)| {
                format!("{} ({}): {ratio:.2} of the speed of {}", row.input.name, count(row.threads), kind.name())
            })
            .collect()
    }

    /// In the order of their peaks.
    fn inputs(&self) -> impl Iterator<Item = &Input> {
        let first = self.rows.first().map(|row| row.threads);
        self.rows.iter().filter(move |row| Some(row.threads) == first).map(|row| &row.input)
    }

    /// How far the middle round lies above the best one, over all readers.
    fn spread(&self) -> f64 {
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        let shares: Vec<f64> = cells.filter_map(|c| Some(c.median()? / c.best()? - 1.0)).collect();
        shares.iter().sum::<f64>() / shares.len().max(1) as f64
    }

    fn conditions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { processor, cores, system, rustc, ours, before } = &self.machine;
        let command = if self.quick { "cargo xtask bench decode --quick" } else { "cargo xtask bench decode" };
        writeln!(f, "- Command: `{command} --rounds {}`", self.rounds)?;
        writeln!(f, "- Machine: {processor}, {cores} cores, {system}")?;
        write!(f, "- Versions: cog-read {ours}, {rustc}")?;
        self.versions.iter().try_for_each(|(name, version)| write!(f, ", {name} {version}"))?;
        writeln!(f)?;
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let spread = percent(self.spread());
        match (before, self.after) {
            (Some(before), Some(after)) => {
                let (b, a) = (percent(*before), percent(after));
                if before.max(after) > QUIET {
                    writeln!(
                        f,
                        "- **Not a quiet machine**: other programs used {b} of the processors just before the run and {a} \
                         just after it, and the middle round of a reader took {spread} longer than its best one. Ratios of \
                         single rows may be far off, those with two threads most of all; run it again before relying on one."
                    )?;
                } else {
                    writeln!(
                        f,
                        "- Other programs used {b} of the processors just before the run and {a} just after it; the middle round of a reader took {spread} longer than its best one."
                    )?;
                }
            }
            _ => writeln!(
                f,
                "- How busy other programs kept the machine is not known; the middle round of a reader took {spread} longer than its best one."
            )?,
        }
        Ok(())
    }

    fn table(&self, threads: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.iter().all(|row| row.threads != threads) {
            return Ok(());
        }
        writeln!(f, "\n### {}\n", count(threads))?;
        writeln!(
            f,
            "| input | cog-read | GDAL | tifffile | async-tiff | limit | ÷ GDAL | ÷ tifffile | ÷ async-tiff | ÷ limit |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for row in self.rows.iter().filter(|row| row.threads == threads) {
            write!(f, "| {} |", row.input.name)?;
            for kind in [Kind::Ours, Kind::Gdal, Kind::Tifffile, Kind::AsyncTiff, Kind::Limit] {
                write!(f, " {} |", or_dash(row.speed(kind), 0))?;
            }
            for kind in [Kind::Gdal, Kind::Tifffile, Kind::AsyncTiff, Kind::Limit] {
                write!(f, " {} |", or_dash(row.ratio(kind), 2))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }

    /// Rows of one input with 1 and with 2 threads.
    fn scaling(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n### Two threads against one, and memory\n")?;
        writeln!(f, "| input | speed-up | of the limit | peak memory above the output, MiB |")?;
        writeln!(f, "|---|--:|--:|--:|")?;
        for (input, peak) in self.inputs().zip(&self.peaks) {
            let with = |threads| self.rows.iter().find(|row| row.threads == threads && row.input.name == input.name);
            let gain = |kind| Some(with(2)?.speed(kind)? / with(1)?.speed(kind)?);
            let (ours, limit) = (or_dash(gain(Kind::Ours), 2), or_dash(gain(Kind::Limit), 2));
            writeln!(f, "| {} | {ours} | {limit} | {} |", input.name, or_dash(*peak, 0))?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.size;
        writeln!(
            f,
            "## Decoding\n\n\
             Whole images of {size} × {size} pixels in tiles of 512 × 512, pixel interleaved, from local files that the system \
             holds in memory. Every reader delivers one contiguous (band, row, column) array; they are checked to be \
             equal, sample by sample, of JPEG ours and tifffile's only. Readers take turns, {} rounds; MB/s are 10^6 bytes of output by the best round, from opening \
             the file to the array.\n\n\
             *limit* is a straight line in this repository: blocks read by position, bare codec, un-predict, un-interleave into an \
             array that is there already. It plans nothing and checks nothing, so it is what our codecs allow.\n",
            self.rounds
        )?;
        self.conditions(f)?;
        self.table(1, f)?;
        self.table(2, f)?;
        self.scaling(f)?;
        let missing: Vec<_> = self
            .rows
            .iter()
            .filter(|row| row.threads == 1)
            .flat_map(|row| Kind::ALL.iter().zip(&row.cells).map(move |(kind, cell)| (row, kind, cell)))
            .filter_map(|(row, kind, cell)| Some((row, kind, cell.error.as_ref()?)))
            .collect();
        if !missing.is_empty() {
            writeln!(f, "\n### Not read\n")?;
            for (row, kind, error) in missing {
                let text: String = error.lines().next().unwrap_or_default().chars().take(160).collect();
                writeln!(f, "- {}, {}: {text}", row.input.name, kind.name())?;
            }
        }
        let slower = self.slower();
        writeln!(f, "\n### Where another reader is faster\n")?;
        if slower.is_empty() {
            writeln!(f, "In no row of this run.")?;
        }
        slower.iter().try_for_each(|line| writeln!(f, "- {line}"))
    }
}

pub(crate) fn count(threads: usize) -> String {
    if threads == 1 { "1 thread".into() } else { format!("{threads} threads") }
}

pub(crate) fn or_dash(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".into(), |v| format!("{v:.digits$}"))
}
