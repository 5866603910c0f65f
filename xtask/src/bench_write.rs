//! `cargo xtask bench write`: what writing an array takes beside reading it.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::{benchmarks_file, workspace};

/// Pixels along a side.
const SIDE: usize = 4096;
/// Rows of a strip of the file that is made a COG.
const ROWS: usize = 64;

/// Times reads and writes what they took to BENCHMARKS.md.
pub(crate) fn run(rounds: u32) -> Result<ExitCode> {
    let built = workspace::cargo().args(["build", "--release", "--package", "cog-cli"]).status()?;
    ensure!(built.success(), "cog does not compile");
    let target = workspace::target();
    let cog = target.join("release").join(format!("cog{}", std::env::consts::EXE_SUFFIX));
    let folder = target.join("bench-write");
    std::fs::create_dir_all(&folder)?;
    let mut table = String::from("| input | array | read | read and written | ÷ read |\n|---|--:|--:|--:|--:|\n");
    for (name, bands, codec) in
        [("deflate, uint8 RGB", 3, "deflate"), ("ZSTD, uint8 RGB", 3, "zstd"), ("LZW, uint8 gray", 1, "lzw")]
    {
        let input = input(&cog, &folder, bands, codec)?;
        let output = folder.join("out.npy");
        let (mut read, mut all) = (Duration::MAX, Duration::MAX);
        for _ in 0..rounds.max(1) {
            // A device takes the array once it is whole: until then nothing but the read happens.
            let end = Command::new(&cog).arg("read").arg(&input).args(["-o", "/dev/null", "--stats", "-q"]).output()?;
            ensure!(end.status.success(), "{}", String::from_utf8_lossy(&end.stderr));
            let line = String::from_utf8_lossy(&end.stderr).into_owned();
            let (_, rest) = line.split_once("\"read_ms\":").context("--stats without read_ms")?;
            let ms: f64 = rest.split(',').next().unwrap_or_default().parse()?;
            read = read.min(Duration::from_secs_f64(ms / 1e3));
            let started = Instant::now();
            let done = Command::new(&cog).arg("read").arg(&input).arg("-o").arg(&output).arg("-q").status()?;
            ensure!(done.success(), "cog read failed");
            all = all.min(started.elapsed());
        }
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let mib = (bands * SIDE * SIDE) >> 20;
        table += &format!("| {name} | {mib} MiB | {:.0} | {:.0} | {:.2} |\n", ms(read), ms(all), ms(all) / ms(read));
    }
    print!("{table}");
    let section = format!(
        "## Writing\n\n\
         COGs of {SIDE} × {SIDE} pixels in tiles of 512 × 512 on a disk that was read before. *read* is what `cog read` takes until the array is in memory; *read and written* is the whole process that \
         writes it into an `.npy` file, from its start until the file is on the disk (fsync) and has its name. Milliseconds, the best of {rounds} rounds, in turns.\n\n\
         - Command: `cargo xtask bench write --rounds {rounds}`\n\n{table}"
    );
    benchmarks_file::put("write", &section)?;
    Ok(ExitCode::SUCCESS)
}

/// A COG of waves and some noise.
fn input(cog: &Path, folder: &Path, bands: usize, codec: &str) -> Result<std::path::PathBuf> {
    let (plain, path) = (folder.join("plain.tif"), folder.join(format!("{codec}-{bands}.tif")));
    std::fs::write(&plain, tiff(bands))?;
    let options = ["--compress", codec, "-q"];
    let done = Command::new(cog).arg("convert").arg(&plain).arg(&path).args(options).status()?;
    ensure!(done.success(), "cog convert failed");
    std::fs::remove_file(&plain)?;
    Ok(path)
}

/// An uncompressed TIFF in strips, pixel by pixel.
fn tiff(bands: usize) -> Vec<u8> {
    let (strips, size) = (SIDE / ROWS, SIDE * ROWS * bands);
    let tables = 8 + 2 + 10 * 12 + 4;
    let data = tables + 2 * bands.next_multiple_of(2) + 8 * strips;
    let offsets = tables + 2 * bands.next_multiple_of(2);
    let mut bytes = b"II*\0\x08\0\0\0\x0a\0".to_vec();
    let bits = if bands == 1 { 8 } else { tables };
    let photometric = if bands == 3 { 2 } else { 1 };
    for (tag, kind, count, value) in [
        (256u16, 4u16, 1, SIDE),
        (257, 4, 1, SIDE),
        (258, 3, bands, bits),
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, strips, offsets),
        (277, 3, 1, bands),
        (278, 4, 1, ROWS),
        (279, 4, strips, offsets + 4 * strips),
        (284, 3, 1, 1),
    ] {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend((count as u32).to_le_bytes());
        bytes.extend((value as u32).to_le_bytes());
    }
    bytes.extend([0; 4]);
    (0..bands.next_multiple_of(2)).for_each(|_| bytes.extend([8, 0]));
    (0..strips).for_each(|strip| bytes.extend(((data + strip * size) as u32).to_le_bytes()));
    (0..strips).for_each(|_| bytes.extend((size as u32).to_le_bytes()));
    let mut noise = 1u32;
    for row in 0..SIDE {
        for column in 0..SIDE {
            let wave = ((row as f32 / 160.0).sin() * (column as f32 / 160.0).cos()).mul_add(100.0, 120.0);
            for band in 0..bands {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                bytes.push((wave + (noise >> 24) as f32 / 24.0 + band as f32 * 3.0) as u8);
            }
        }
    }
    bytes
}
