//! What a TIFF in memory says about itself: `slice FILE`. The bytes may as well come from an archive, a database or a socket.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;

use cog_tiff::{Profile, Tiff};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: slice FILE")?;
    print!("{}", describe(&std::fs::read(path)?)?);
    Ok(())
}

/// A few lines for each image of a file whose bytes are all here.
pub fn describe(bytes: &[u8]) -> cog_tiff::Result<String> {
    let tiff = Tiff::parse(bytes)?;
    let mut text = String::new();
    for (number, page) in tiff.pages().iter().enumerate() {
        let profile = Profile::of(&tiff, page)?;
        let Profile { width, height, count, dtype, .. } = profile;
        text += &format!("page {number}: {width} × {height}, {count} × {dtype}\n");
        text += &format!("  compression: {}\n", profile.compress.as_deref().unwrap_or("none"));
        if let Some(code) = profile.epsg() {
            text += &format!("  CRS: EPSG:{code}\n");
        }
        if let Some(transform) = profile.georeference.transform() {
            let (minx, miny, maxx, maxy) = transform.bounds(width, height);
            text += &format!("  bounds: {minx} {miny} {maxx} {maxy}\n");
        }
        if !profile.overviews.is_empty() {
            text += &format!("  overviews: {:?}\n", profile.overviews);
        }
        for warning in &profile.warnings {
            text += &format!("  warning: {warning}\n");
        }
    }
    Ok(text)
}
