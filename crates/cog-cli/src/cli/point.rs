//! Arguments of `cog point`.

use std::ffi::OsString;

use clap::{Args, ValueHint};
use cog_crs::Crs;
use cog_read::Interpolation;

use super::values::{crs, interpolation};
use super::{Selection, Tuning};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  cog point dem.tif 399965 5300035 400000 5300000\n  cog point may.tif june.tif 399965 5300035 --csv\n  cog point dem.tif --crs EPSG:4326 --ndjson < places.csv"
)]
pub(crate) struct Point {
    /// Files, and behind them coordinates in their own CRS, in pairs: LOCATION … X Y X Y …; without any coordinates they are read from standard input, one
    /// pair a line, separated by blanks or a comma. The first argument is a file whatever its name; another one whose name is a number is ./5.
    #[arg(required = true, value_name = "LOCATION … X Y", value_hint = ValueHint::AnyPath, allow_negative_numbers = true)]
    pub(crate) places: Vec<OsString>,
    /// The CRS of the coordinates, where it is not the file's own: a code such as EPSG:4326, WKT, PROJJSON, a PROJ string, or @FILE with one
    /// of them.
    #[arg(long, value_name = "CRS", value_parser = crs, conflicts_with = "pixels")]
    pub(crate) crs: Option<Crs>,
    /// Places are columns and rows of full resolution: 0.5 0.5 is the centre of the first pixel.
    #[arg(long)]
    pub(crate) pixels: bool,
    /// Read from this level: 0 is full resolution.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) level: usize,
    /// Between pixel centres: nearest, bilinear, cubic.
    #[arg(long, value_name = "METHOD", default_value = "nearest", value_parser = interpolation)]
    pub(crate) interpolation: Interpolation,
    /// Apply each band's scale and offset.
    #[arg(long)]
    pub(crate) unscale: bool,
    /// Print JSON: a list with an object for each place.
    #[arg(long, conflicts_with_all = ["ndjson", "csv"])]
    pub(crate) json: bool,
    /// Print JSON: an object for each place in a line.
    #[arg(long, conflicts_with = "csv")]
    pub(crate) ndjson: bool,
    /// Print comma-separated values with a line of names; where there is no data a cell is empty.
    #[arg(long)]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

fn number(word: &OsString) -> Option<f64> {
    word.to_str().and_then(|word| word.parse().ok())
}

impl Point {
    /// The files, and the numbers behind them.
    pub(crate) fn parts(&self) -> (&[OsString], Vec<f64>) {
        let (files, rest) = self.split();
        (files, rest.iter().filter_map(number).collect())
    }

    /// Numbers begin with the first one, but for the first argument.
    fn split(&self) -> (&[OsString], &[OsString]) {
        let first = self.places.iter().skip(1).position(|word| number(word).is_some());
        self.places.split_at(first.map_or(self.places.len(), |first| first + 1))
    }

    /// What stands behind numbers and is none.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.split().1.iter().find(|word| number(word).is_none()) {
            Some(word) => Err(format!("'{}' is not a number: files stand before coordinates", word.to_string_lossy())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        point: Point,
    }

    #[test]
    fn words_behind_numbers_are_refused() {
        let command = Command::parse_from(["cog", "a.tif", "1", "two"]);
        assert!(command.point.check().unwrap_err().contains("'two'"));
    }

    #[test]
    fn numbers_stand_behind_files() {
        for (typed, files, numbers) in [
            (&["a.tif", "1", "-2.5"][..], 1, &[1.0, -2.5][..]),
            (&["a.tif", "b.tif", "1", "2", "3", "4"], 2, &[1.0, 2.0, 3.0, 4.0]),
            (&["5", "1", "2"], 1, &[1.0, 2.0]),
            (&["a.tif", "./5", "1", "2"], 2, &[1.0, 2.0]),
            (&["a.tif"], 1, &[]),
            (&["a.tif", "b.tif"], 2, &[]),
        ] {
            let command = Command::parse_from(["cog"].iter().chain(typed));
            let (found, coordinates) = command.point.parts();
            assert_eq!((found.len(), &coordinates[..]), (files, numbers), "{typed:?}");
        }
    }
}
