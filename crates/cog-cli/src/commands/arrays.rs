//! What is made of a raster: an array, its mask, its grid.

use std::ffi::OsString;
use std::path::PathBuf;

use cog_crs::Crs;
use cog_read::Raster;

use crate::context::Context;
use crate::output::destination::Wanted;
use crate::output::written::{self, Output};
use crate::output::{grid, npy};

/// One of the outputs.
#[derive(Clone, Copy)]
enum Part {
    Pixels,
    Mask,
    Grid,
}

/// Outputs that can be written, as far as is known before anything is read.
pub(crate) struct Arrays {
    parts: Vec<(Part, Output)>,
}

impl Arrays {
    /// Of a command that reads these locations.
    ///
    /// # Errors
    /// Outputs that would harm the input or each other, and those that cannot be written.
    pub(crate) fn create(
        context: &Context,
        locations: &[OsString],
        pixels: Option<&PathBuf>,
        mask: Option<&PathBuf>,
        grid_path: Option<&PathBuf>,
    ) -> anyhow::Result<Arrays> {
        let all = [
            (Part::Pixels, pixels, "array", npy::FORMAT),
            (Part::Mask, mask, "mask", npy::FORMAT),
            (Part::Grid, grid_path, "grid", grid::FORMAT),
        ];
        let (parts, wanted): (Vec<Part>, Vec<Wanted<'_>>) = all
            .into_iter()
            .filter_map(|(part, path, what, format)| Some((part, Wanted { path: path?, what, format })))
            .unzip();
        let outputs = context.outputs_of(locations, &wanted)?;
        Ok(Arrays { parts: parts.into_iter().zip(outputs).collect() })
    }

    /// Writes all of them and says so; `more` stands at the end of the line.
    ///
    /// # Errors
    /// What the system says, with the name of the output.
    pub(crate) fn write(
        mut self,
        context: &Context,
        raster: &Raster,
        crs: Option<&Crs>,
        more: &str,
    ) -> anyhow::Result<()> {
        let mut said = Vec::new();
        for (part, output) in &mut self.parts {
            said.push(one(*part, output, raster, crs)?);
        }
        written::finish(self.parts.into_iter().map(|(_, output)| output).collect())?;
        context.say(&format!("wrote {}{more}", said.join("; ")));
        Ok(())
    }
}

/// Writes one part; the words that say so.
fn one(part: Part, output: &mut Output, raster: &Raster, crs: Option<&Crs>) -> anyhow::Result<String> {
    let (bands, height, width) = raster.dim();
    let what = match part {
        Part::Pixels => {
            npy::write_pixels(output, &raster.pixels)?;
            format!("({bands}, {height}, {width}) {}", raster.pixels.sample_type())
        }
        Part::Mask => {
            npy::write_mask(output, &raster.mask())?;
            format!("({height}, {width}) uint8")
        }
        Part::Grid => {
            grid::write(output, raster, crs)?;
            "grid".to_string()
        }
    };
    Ok(output.summary(&what))
}
