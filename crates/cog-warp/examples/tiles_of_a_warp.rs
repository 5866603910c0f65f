//! Warps a raster as a whole and in tiles of any size: the pixels are the same.
//!
//! ```sh
//! cargo run -p cog-warp --example tiles_of_a_warp
//! ```
#![allow(clippy::print_stdout)]

use cog_crs::{Crs, Extent};
use cog_raster::ndarray::{Array3, s};
use cog_raster::{GeoTransform, Raster, Validity};
use cog_warp::{Method, OutputGrid, Warp};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (width, height) = (300, 200);
    let transform = GeoTransform { a: 30.0, b: 0.0, c: 399_960.0, d: 0.0, e: -30.0, f: 5_300_040.0 };
    let utm: Crs = "EPSG:32633".parse()?;
    let waves = Array3::from_shape_fn((1, height, width), |(_, row, column)| {
        (100.0 + 50.0 * (row as f32 / 9.0).sin() + 50.0 * (column as f32 / 7.0).cos()) as u8
    });
    let mut raster = Raster::new(waves, Validity::AllValid);
    raster.transform = Some(transform);

    let extent = Extent::new(&utm, transform.to_array(), width as u32, height as u32)?;
    let grid = OutputGrid::suggested(&extent, &"EPSG:3857".parse()?)?;
    let whole = Warp::new(&raster, &utm, &grid).method(Method::Lanczos).threads(4).run()?;
    let whole = whole.pixels.into_array::<u8>()?;

    let (side, mut tiles) = (77, 0);
    for row in (0..grid.height()).step_by(side) {
        for column in (0..grid.width()).step_by(side) {
            let (w, h) = ((grid.width() - column).min(side as u32), (grid.height() - row).min(side as u32));
            let tile = Warp::new(&raster, &utm, &grid.window(column, row, w, h)?).method(Method::Lanczos).run()?;
            let (x, y) = (column as usize, row as usize);
            let same = whole.slice(s![.., y..y + h as usize, x..x + w as usize]);
            assert_eq!(tile.pixels.view::<u8>()?, same);
            tiles += 1;
        }
    }
    println!("{} × {} pixels of EPSG:3857, the same in {tiles} tiles", grid.width(), grid.height());
    Ok(())
}
