//! Evaluates expressions for `cargo xtask bench expression`, which asks on standard input and is told the seconds on standard output.
//!
//! Words of a line are separated by tabs:
//! - `source PATH DTYPE BANDS HEIGHT WIDTH` reads an array as bytes, in the order of bands, rows and columns;
//! - `evaluate EXPRESSION THREADS OUT` evaluates over its bands b1, b2 …. Results go to the file OUT, if that is not `-`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use cog_expression::raster::ndarray::Array3;
use cog_expression::raster::{Pixels, Raster, Validity};
use cog_expression::{Band, BandNames, Expression};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut source: Option<Raster> = None;
    for line in std::io::stdin().lines() {
        let line = line?;
        let words: Vec<&str> = line.split('\t').collect();
        match (words.as_slice(), &source) {
            (["source", path, dtype, bands, height, width], _) => {
                let pixels = array(&std::fs::read(path)?, dtype, (bands.parse()?, height.parse()?, width.parse()?))?;
                source = Some(Raster::new(pixels, Validity::AllValid));
                println!("ready");
            }
            (["evaluate", expression, threads, out], Some(raster)) => {
                let threads = threads.parse()?;
                let start = Instant::now();
                let program =
                    Expression::parse(expression)?.bind(&BandNames::numbered(raster.dim().0))?.threads(threads);
                let bands: Vec<Band<'_>> = program.bands().iter().map(|band| Band::of(raster, *band)).collect();
                let found = program.evaluate(&bands)?;
                let seconds = start.elapsed().as_secs_f64();
                if *out != "-" {
                    Pixels::F32(found.samples).write_le(&mut std::fs::File::create(out)?)?;
                }
                println!("{seconds}");
            }
            _ => return Err(format!("not understood: {line}").into()),
        }
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn array(bytes: &[u8], dtype: &str, shape: (usize, usize, usize)) -> Result<Pixels> {
    fn of<T: cog_expression::raster::Sample, const N: usize>(
        bytes: &[u8],
        shape: (usize, usize, usize),
        sample: impl Fn([u8; N]) -> T,
    ) -> Result<Pixels> {
        let samples = bytes.as_chunks::<N>().0.iter().map(|bytes| sample(*bytes)).collect();
        Ok(Pixels::from(Array3::from_shape_vec(shape, samples)?))
    }
    match dtype {
        "uint8" => of(bytes, shape, u8::from_le_bytes),
        "uint16" => of(bytes, shape, u16::from_le_bytes),
        "int16" => of(bytes, shape, i16::from_le_bytes),
        "float32" => of(bytes, shape, f32::from_le_bytes),
        "float64" => of(bytes, shape, f64::from_le_bytes),
        _ => Err(format!("no samples of type {dtype} here").into()),
    }
}
