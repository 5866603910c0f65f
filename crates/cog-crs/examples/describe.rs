//! What a GeoTIFF's CRS is, or what a text means: `describe FILE.tif`, `describe EPSG:5070`.
#![allow(clippy::print_stdout, reason = "an example prints")]

use cog_crs::Crs;
use cog_tiff::{GeoKeys, Tiff};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let argument = std::env::args().nth(1).ok_or("usage: describe FILE.tif | TEXT")?;
    let crs = match std::fs::File::open(&argument) {
        Ok(mut file) => {
            let tiff = Tiff::read(&mut file)?;
            let keys = tiff.ifds().first().and_then(GeoKeys::of);
            keys.map(|keys| Crs::from_geo_keys(&keys)).transpose()?.flatten()
        }
        Err(_) => Some(argument.parse()?),
    };
    let Some(crs) = crs else {
        println!("no CRS");
        return Ok(());
    };
    println!("{} ({}, found by {})", crs.name(), crs.kind(), crs.found());
    if let Some((authority, code)) = crs.authority() {
        println!("{authority}:{code}");
    }
    if let Some(area) = crs.area_of_use() {
        println!("{} ({}, {}, {}, {})", area.name, area.west, area.south, area.east, area.north);
    }
    for warning in crs.warnings() {
        println!("warning: {warning}");
    }
    println!("{}", crs.to_wkt2_pretty());
    Ok(())
}
