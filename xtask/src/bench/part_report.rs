//! The section of BENCHMARKS.md on parts and resampling.

use std::fmt;

use super::machine::Machine;
use super::report::{Cell, count, or_dash};

/// One read by one method, by us and by GDAL.
pub(crate) struct PartRow {
    pub(crate) input: String,
    pub(crate) what: &'static str,
    pub(crate) method: &'static str,
    pub(crate) threads: usize,
    /// Ours, then GDAL's.
    pub(crate) cells: Vec<Cell>,
}

pub(crate) struct PartReport {
    pub(crate) size: u32,
    pub(crate) rounds: u32,
    pub(crate) machine: Machine,
    /// How busy others kept the machine after the run.
    pub(crate) after: Option<f64>,
    pub(crate) versions: Vec<(String, String)>,
    pub(crate) rows: Vec<PartRow>,
}

impl PartRow {
    fn best(&self, reader: usize) -> Option<f64> {
        self.cells.get(reader)?.best()
    }

    /// Our speed in multiples of GDAL's.
    fn ratio(&self) -> Option<f64> {
        Some(self.best(1)? / self.best(0)?)
    }
}

impl fmt::Display for PartReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.size;
        writeln!(
            f,
            "## Parts and resampling\n\n\
             Images of {size} × {size} pixels without overviews, as above: the whole in a third of its size, and a window of {} × {} \
             pixels in twice its size. Times are milliseconds of the best of {} rounds, taken in turns; the ratio is how many times as \
             fast as GDAL (`rasterio` `read(window=, out_shape=, resampling=)`) with as many threads. Pixels are compared \
             by the tests, not here.\n",
            size / 4,
            size / 4,
            self.rounds
        )?;
        let Machine { processor, cores, system, rustc, ours, before } = &self.machine;
        writeln!(f, "- Command: `cargo xtask bench read --rounds {}`", self.rounds)?;
        writeln!(f, "- Machine: {processor}, {cores} cores, {system}")?;
        write!(f, "- Versions: cog-read {ours}, {rustc}")?;
        self.versions.iter().try_for_each(|(name, version)| write!(f, ", {name} {version}"))?;
        writeln!(f)?;
        if let (Some(before), Some(after)) = (before, self.after) {
            let (b, a) = (before * 100.0, after * 100.0);
            writeln!(
                f,
                "- Other programs used {b:.0} % of the processors just before the run and {a:.0} % just after it."
            )?;
        }
        for threads in [1, 2] {
            if self.rows.iter().all(|row| row.threads != threads) {
                continue;
            }
            writeln!(f, "\n### {}\n", count(threads))?;
            writeln!(f, "| input | output | method | cog-read | GDAL | ratio |\n|---|---|---|--:|--:|--:|")?;
            for row in self.rows.iter().filter(|row| row.threads == threads) {
                let (ours, gdal) = (or_dash(row.best(0), 1), or_dash(row.best(1), 1));
                writeln!(
                    f,
                    "| {} | {} | {} | {ours} | {gdal} | {} |",
                    row.input,
                    row.what,
                    row.method,
                    or_dash(row.ratio(), 2)
                )?;
            }
        }
        Ok(())
    }
}
