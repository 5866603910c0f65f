//! Warps arrays and files for `cargo xtask bench warp`, which asks on standard input and is told the seconds on standard output.
//!
//! Words of a line are separated by tabs:
//! - `source PATH DTYPE BANDS HEIGHT WIDTH CRS A,B,C,D,E,F` reads an array as bytes, in the order of bands, rows and columns;
//! - `warp CRS A,B,C,D,E,F WIDTH HEIGHT METHOD THREADS TILE OUT` warps it, in one piece if TILE is 0, else in tiles of that size. Pixels and
//!   masks go to the file OUT, if that is not `-`;
//! - `plain PATH THREADS` opens a file and reads its full resolution, without a warp;
//! - `read PATH CRS A,B,C,D,E,F WIDTH HEIGHT METHOD THREADS TILE OUT` opens a file and warps its full resolution in the same way.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use cog_warp::crs::Crs;
use cog_warp::raster::ndarray::Array3;
use cog_warp::raster::{GeoTransform, Pixels, Raster, Validity};
use cog_warp::reader::{Session, SessionOptions};
use cog_warp::{Method, OutputGrid, Warp, WarpedRead};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut source: Option<(Raster, Crs)> = None;
    for line in std::io::stdin().lines() {
        let line = line?;
        let words: Vec<&str> = line.split('\t').collect();
        match (words.as_slice(), &source) {
            (["source", path, dtype, bands, height, width, crs, transform], _) => {
                let pixels = array(&std::fs::read(path)?, dtype, (bands.parse()?, height.parse()?, width.parse()?))?;
                let mut raster = Raster::new(pixels, Validity::AllValid);
                raster.transform = Some(affine(transform)?);
                source = Some((raster, crs.parse()?));
                println!("ready");
            }
            (["warp", crs, transform, width, height, method, threads, tile, out], Some((raster, source_crs))) => {
                let grids = grids(&crs.parse()?, affine(transform)?, [width.parse()?, height.parse()?], tile.parse()?)?;
                let (method, threads) = (method.parse()?, threads.parse()?);
                let mut warped = Vec::with_capacity(grids.len());
                let start = Instant::now();
                for grid in &grids {
                    warped.push(Warp::new(raster, source_crs, grid).method(method).threads(threads).run()?);
                }
                let seconds = start.elapsed().as_secs_f64();
                if *out != "-" {
                    write(out, &warped)?;
                }
                println!("{seconds}");
            }
            (["plain", path, threads], _) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                let session = Session::new(SessionOptions::default().with_threads(threads.parse()?));
                let start = Instant::now();
                let raster = runtime.block_on(async { session.open(path).await?.read().await })?;
                let seconds = start.elapsed().as_secs_f64();
                drop(raster);
                println!("{seconds}");
            }
            (["read", path, crs, transform, width, height, method, threads, tile, out], _) => {
                let transform = affine(transform)?;
                let whole = OutputGrid::new(crs.parse()?, transform, width.parse()?, height.parse()?)?;
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                let start = Instant::now();
                let warped = runtime.block_on(read(path, &whole, method.parse()?, threads.parse()?, tile.parse()?))?;
                let seconds = start.elapsed().as_secs_f64();
                if *out != "-" {
                    write(out, &warped)?;
                }
                println!("{seconds}");
            }
            _ => return Err(format!("not understood: {line}").into()),
        }
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// A file in one piece, or tile after tile.
async fn read(path: &str, whole: &OutputGrid, method: Method, threads: usize, tile: u32) -> Result<Vec<Raster>> {
    let session = Session::new(SessionOptions::default().with_threads(threads));
    let cog = session.open(path).await?;
    let side = if tile == 0 { whole.width().max(whole.height()) } else { tile };
    let mut warped = Vec::new();
    for row in (0..whole.height()).step_by(side as usize) {
        for column in (0..whole.width()).step_by(side as usize) {
            let (width, height) = (side.min(whole.width() - column), side.min(whole.height() - row));
            let grid = whole.window(column, row, width, height)?;
            warped.push(WarpedRead::new(&cog, &grid).method(method).level(0).await?);
        }
    }
    Ok(warped)
}

fn affine(text: &str) -> Result<GeoTransform> {
    let numbers = text.split(',').map(str::parse).collect::<std::result::Result<Vec<f64>, _>>()?;
    let [a, b, c, d, e, f] = *numbers.as_slice() else { return Err("six numbers are needed".into()) };
    Ok(GeoTransform { a, b, c, d, e, f })
}

fn array(bytes: &[u8], dtype: &str, shape: (usize, usize, usize)) -> Result<Pixels> {
    Ok(match dtype {
        "uint8" => Pixels::from(Array3::from_shape_vec(shape, bytes.to_vec())?),
        "float32" => {
            let samples = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            Pixels::from(Array3::from_shape_vec(shape, samples)?)
        }
        other => return Err(format!("no such type here: {other}").into()),
    })
}

/// The output in one piece, or tile after tile, row after row.
fn grids(crs: &Crs, transform: GeoTransform, [width, height]: [u32; 2], tile: u32) -> Result<Vec<OutputGrid>> {
    if tile == 0 {
        return Ok(vec![OutputGrid::new(crs.clone(), transform, width, height)?]);
    }
    let mut grids = Vec::new();
    for row in (0..height).step_by(tile as usize) {
        for column in (0..width).step_by(tile as usize) {
            let transform = transform.translated(f64::from(column), f64::from(row));
            grids.push(OutputGrid::new(crs.clone(), transform, tile, tile)?);
        }
    }
    Ok(grids)
}

fn write(path: &str, warped: &[Raster]) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    for raster in warped {
        match &raster.pixels {
            Pixels::U8(samples) => out.write_all(samples.as_slice().unwrap_or_default())?,
            Pixels::F32(samples) => {
                for sample in samples {
                    out.write_all(&sample.to_le_bytes())?;
                }
            }
            other => return Err(format!("no such type here: {:?}", other.sample_type()).into()),
        }
        out.write_all(raster.mask().as_slice().unwrap_or_default())?;
    }
    Ok(out.flush()?)
}
