//! Values of arguments.

use std::ffi::OsString;

use cog_crs::Crs;
use cog_read::{Bounds, Interpolation, Window};

/// A negative number as clap knows one from an option: without `-1e-05`'s second dash and `-inf`'s letters.
pub(super) fn plain(argument: OsString) -> OsString {
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

pub(super) fn interpolation(text: &str) -> Result<Interpolation, String> {
    match text {
        "nearest" => Ok(Interpolation::Nearest),
        "bilinear" => Ok(Interpolation::Bilinear),
        "cubic" => Ok(Interpolation::Cubic),
        _ => Err("nearest, bilinear or cubic".into()),
    }
}

pub(super) fn crs(text: &str) -> Result<Crs, String> {
    text.parse().map_err(|error: cog_crs::Error| error.to_string())
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
