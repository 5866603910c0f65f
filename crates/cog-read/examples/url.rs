//! What is behind a URL, and how little it takes to see it: `url URL [SIZE]`. The URL may be `https://`, `s3://`, `gs://`, `az://` or
//! a path; what comes is at most SIZE pixels wide and high.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;

use cog_read::{Cog, Resampling};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("usage: url URL [SIZE]")?;
    let size = arguments.next().map_or(Ok(512), |size| size.parse())?;
    print!("{}", look(&url, size).await?);
    Ok(())
}

/// Opens a file, reads it at a small size, and tells what came and what it cost.
pub async fn look(url: &str, size: usize) -> cog_read::Result<String> {
    let cog = Cog::open(url).await?;
    let profile = cog.profile()?;
    let mut text = format!("{} × {}, {} × {}", profile.width, profile.height, profile.count, profile.dtype);
    if let Some(code) = profile.epsg() {
        text += &format!(", EPSG:{code}");
    }
    let raster = cog.read().max_size(size).resampling(Resampling::Average).await?;
    let (bands, rows, columns) = raster.dim();
    text += &format!("\nread {bands} × {rows} × {columns} from level {}\n", raster.level);
    let mask = raster.mask();
    let valid = mask.iter().filter(|valid| **valid != 0).count();
    text += &format!("{valid} of {} pixels have data\n", mask.len());
    let stats = cog.source().stats();
    text += &format!("{} requests, {} bytes\n", stats.requests, stats.bytes);
    Ok(text)
}
