//! Times a transform between two CRSs, for `cargo xtask bench transforms`: points in a file of little-endian doubles, all x and
//! then all y; the results replace them. Prints the best time of a number of rounds in seconds.
//!
//! ```sh
//! cargo run --release -p cog-crs --example transform_speed -- EPSG:32633 EPSG:4326 points.bin 5
//! ```
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use cog_crs::{Crs, Transform};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, path, rounds] = arguments.as_slice() else { return Err("needed: FROM TO FILE ROUNDS".into()) };
    let transform = Transform::new(&from.parse::<Crs>()?, &to.parse::<Crs>()?)?;
    let bytes = std::fs::read(path)?;
    let numbers: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
    let (xs, ys) = numbers.split_at(numbers.len() / 2);
    let mut best = f64::INFINITY;
    let (mut x, mut y) = (xs.to_vec(), ys.to_vec());
    for _ in 0..rounds.parse::<u32>()?.max(1) {
        x.copy_from_slice(xs);
        y.copy_from_slice(ys);
        let start = Instant::now();
        transform.convert(black_box(&mut x), black_box(&mut y));
        best = best.min(start.elapsed().as_secs_f64());
    }
    let results: Vec<u8> = x.iter().chain(&y).flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(path, results)?;
    println!("{best}");
    Ok(())
}
