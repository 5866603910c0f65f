//! Values of arguments.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::str::FromStr;

use cog_crs::Crs;
use cog_read::{Bounds, Interpolation, Resampling, Window};
use cog_warp::Method;

/// A negative number as clap knows one from an option: without `-1e-05`'s second dash and `-inf`'s letters.
/// GDAL's `-co`, which would be two options, is `--co`.
pub(super) fn plain(argument: OsString) -> OsString {
    if argument == "-co" {
        return "--co".into();
    }
    let number = argument.to_str().filter(|text| text.starts_with('-')).and_then(|text| text.parse::<f64>().ok());
    match number {
        Some(number) if number.is_nan() => "nan".into(),
        Some(number) if number.is_infinite() => "-1e999".into(),
        Some(number) => number.to_string().into(),
        None => argument,
    }
}

/// Numbers between commas.
fn numbers<const N: usize>(text: &str, what: &str) -> Result<[f64; N], String> {
    let number = |s: &str| s.trim().parse::<f64>().map_err(|_| format!("'{s}' is not a number"));
    let all = text.split(',').map(number).collect::<Result<Vec<f64>, String>>()?;
    all.try_into().map_err(|_| format!("{what} are needed"))
}

pub(super) fn window(text: &str) -> Result<Window, String> {
    let [column, row, width, height] = numbers(text, "four numbers, column,row,width,height,")?;
    Ok(Window::new(column, row, width, height))
}

pub(super) fn bounds(text: &str) -> Result<Bounds, String> {
    numbers::<4>(text, "four numbers, minx,miny,maxx,maxy,").map(Bounds::from)
}

pub(super) fn resolution(text: &str) -> Result<[f64; 2], String> {
    match text.contains(',') {
        true => numbers(text, "one or two numbers"),
        false => numbers::<1>(text, "one or two numbers").map(|[both]| [both; 2]),
    }
}

/// What becomes 0, and what 255.
pub(super) fn range(text: &str) -> Result<[f64; 2], String> {
    let range = numbers::<2>(text, "two numbers, min,max,")?;
    match range.iter().all(|number| number.is_finite()) && range[0] != range[1] {
        true => Ok(range),
        false => Err("two different numbers are needed".into()),
    }
}

pub(super) fn interpolation(text: &str) -> Result<Interpolation, String> {
    match text {
        "nearest" => Ok(Interpolation::Nearest),
        "bilinear" => Ok(Interpolation::Bilinear),
        "cubic" => Ok(Interpolation::Cubic),
        _ => Err("nearest, bilinear or cubic".into()),
    }
}

/// A CRS, or `@FILE` with the text of one.
pub(super) fn crs(text: &str) -> Result<Crs, String> {
    let of_file = text.strip_prefix('@').map(|path| {
        let text = std::fs::read_to_string(path);
        text.map_err(|error| format!("cannot read {path}: {error}"))
    });
    let text = of_file.transpose()?.map_or(Cow::Borrowed(text), Cow::Owned);
    text.trim().parse().map_err(|error: cog_crs::Error| error.to_string())
}

/// How pixels are made: of the same grid, of another one, or both have a method of that name.
#[derive(Clone, Debug)]
pub(crate) struct Resample {
    name: String,
    read: Option<Resampling>,
    warp: Option<Method>,
}

impl Resample {
    /// For the file's own grid.
    ///
    /// # Errors
    /// Methods for other grids only.
    pub(crate) fn read(&self) -> Result<Resampling, String> {
        self.read.ok_or_else(|| {
            format!("--resampling {} is for other grids than the file's: with --crs, for example", self.name)
        })
    }

    /// For another grid.
    ///
    /// # Errors
    /// Methods for the file's own grid only.
    pub(crate) fn warp(&self) -> Result<Method, String> {
        self.warp.ok_or_else(|| format!("--resampling {} is for the file's own grid only", self.name))
    }
}

impl FromStr for Resample {
    type Err = String;

    fn from_str(name: &str) -> Result<Resample, String> {
        let plain = name.to_ascii_lowercase();
        let found = Resample { name: name.into(), read: name.parse().ok(), warp: plain.parse().ok() };
        match found {
            Resample { read: None, warp: None, .. } => {
                let names: BTreeSet<String> =
                    Resampling::ALL.iter().map(|m| m.to_string()).chain(Method::ALL.map(|m| m.to_string())).collect();
                Err(format!("one of {}", names.into_iter().collect::<Vec<_>>().join(", ")))
            }
            found => Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_negative_numbers_are_written_anew() {
        for (typed, plainly) in
            [("-1e-05", "-0.00001"), ("-.5", "-0.5"), ("-5", "-5"), ("-1E3", "-1000"), ("-inf", "-1e999")]
        {
            assert_eq!(plain(typed.into()), plainly);
            assert_eq!(plainly.parse::<f64>(), typed.parse());
        }
        for word in ["1e-05", "-v", "-", "--", "-i", "--nodata", "-5,1,2,3", "a-1"] {
            assert_eq!(plain(word.into()), word);
        }
    }
}
