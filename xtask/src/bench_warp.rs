//! `cargo xtask bench warp`: rasters in another CRS, beside GDAL through rasterio.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{benchmarks_file, test_environment, workspace};

/// Pixels along the sides of the source, and of what is made of it.
const SIDE: u32 = 4096;

/// Times warps and writes what they took to BENCHMARKS.md.
pub(crate) fn run(rounds: u32) -> Result<ExitCode> {
    let python = test_environment::with_packages("bench-env", "xtask/bench/requirements.txt")?;
    let built =
        workspace::cargo().args(["build", "--release", "--package", "cog-warp", "--example", "warp_speed"]).status()?;
    ensure!(built.success(), "warp_speed does not compile");
    let target = workspace::target();
    let folder = target.join("bench-warp");
    std::fs::create_dir_all(&folder)?;
    let rounds = rounds.max(1);
    let run = Command::new(python)
        .arg(workspace::root().join("xtask/bench/warp.py"))
        .arg(target.join("release/examples").join(format!("warp_speed{}", std::env::consts::EXE_SUFFIX)))
        .arg(&folder)
        .args([SIDE.to_string(), rounds.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .context("python")?;
    ensure!(run.status.success(), "warp.py failed with {}", run.status);
    let tables = String::from_utf8_lossy(&run.stdout).into_owned();
    print!("{tables}");
    let section = format!(
        "## Warping\n\n\
         Arrays in memory to Web Mercator, cog-warp and `rasterio.warp.reproject` in turns over the same arrays and grids, and files of \
         deflated tiles of 512 × 512 pixels without overviews, cog-warp and `WarpedVRT.read`, opened anew each time; on as many \
         threads; the best of {rounds} rounds, as the clock on the wall has it. Both have their own defaults: GDAL interpolates \
         coordinates with an error of up to an eighth of a pixel along rows, cog-warp with one of up to a ten-thousandth; GDAL \
         takes the upright rectangle between two corners for the area of a pixel, cog-warp the quadrilateral. *Alike* are samples that \
         both have, and that differ by at most 1 in a range of 1 to 255. The output has about the resolution of the \
         source; `1/4` is a quarter of it. Making the transform is a part of every call, of every tile too.\n\n\
         - Command: `cargo xtask bench warp --rounds {rounds}`\n\n{tables}"
    );
    benchmarks_file::put("warp", &section)?;
    Ok(ExitCode::SUCCESS)
}
