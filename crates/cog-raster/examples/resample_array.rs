//! Resamples a small array by a method to a number of rows and columns, and prints it with its statistics.
//!
//! ```text
//! cargo run -p cog-raster --example resample_array -- cubic 3 5
//! ```
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::fmt::Write;

use cog_raster::ndarray::{Array3, Axis};
use cog_raster::{Raster, Resample, Resampling, StatisticsOptions};

/// What pixels without data hold.
const NODATA: i16 = -9999;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let method: Resampling = arguments.next().unwrap_or_else(|| "average".into()).parse()?;
    let mut size = || arguments.next().unwrap_or_else(|| "4".into()).parse::<usize>();
    print!("{}", resampled(method, (size()?, size()?))?);
    Ok(())
}

/// The array, and what its statistics say.
pub fn resampled(method: Resampling, shape: (usize, usize)) -> Result<String, Box<dyn Error>> {
    // One band of 8 rows and 10 columns, with a hole of 2 × 2 pixels.
    let hole = |row: usize, column: usize| (3..5).contains(&row) && (4..6).contains(&column);
    let source = Array3::from_shape_fn((1, 8, 10), |(_, row, column)| match hole(row, column) {
        true => NODATA,
        false => (10 * row + column) as i16,
    });
    let done = Resample::new(&source, shape).method(method).nodata(NODATA).run()?;

    let mut text = String::new();
    for row in done.samples.index_axis(Axis(0), 0).rows() {
        let samples: Vec<String> = row.iter().map(|v| format!("{v:5}")).collect();
        writeln!(text, "{}", samples.join(" "))?;
    }
    let raster = Raster::new(done.samples, done.validity);
    for band in raster.statistics(&StatisticsOptions::default())? {
        writeln!(text, "{:.1} % valid, {} to {}, mean {:.2}", band.valid_percent, band.min, band.max, band.mean)?;
    }
    Ok(text)
}
