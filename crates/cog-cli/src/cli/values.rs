//! Values of arguments.

use cog_read::{Bounds, Interpolation, Window};

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
