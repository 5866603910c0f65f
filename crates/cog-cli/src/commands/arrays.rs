//! What is made of a raster: an array, its mask, its grid.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use cog_crs::Crs;
use cog_read::Raster;

use crate::commands::geotiff::{self, Origin, Place, Unread};
use crate::context::Context;
use crate::output::destination::Wanted;
use crate::output::drawing::Drawing;
use crate::output::format::FileFormat;
use crate::output::grid::Grid;
use crate::output::rows::{Rows, Shape};
use crate::output::written::{self, Output};
use crate::output::{grid, npy};

/// One of the outputs.
#[derive(Clone, Copy)]
enum Part {
    Pixels,
    Mask,
    Grid,
}

/// What is to be written, and where.
pub(crate) struct Targets<'a> {
    /// Pixels; none for a command that writes nothing.
    pub(crate) pixels: Option<&'a PathBuf>,
    pub(crate) mask: Option<&'a PathBuf>,
    pub(crate) grid: Option<&'a PathBuf>,
    /// What was asked for.
    pub(crate) format: Option<FileFormat>,
    /// What names that say nothing are written as.
    pub(crate) usual: FileFormat,
}

/// Outputs that can be written, as far as is known before anything is read.
pub(crate) struct Arrays {
    parts: Vec<(Part, Output)>,
    format: FileFormat,
    /// The name of the file with the pixels.
    path: PathBuf,
}

impl Arrays {
    /// Of a command that reads these locations.
    ///
    /// # Errors
    /// Outputs that would harm the input or each other, and those that cannot be written.
    pub(crate) fn create(context: &Context, locations: &[OsString], targets: &Targets<'_>) -> anyhow::Result<Arrays> {
        let Targets { pixels, mask, grid: grid_path, format, usual } = *targets;
        let path = pixels.map_or(Path::new(""), PathBuf::as_path);
        let (format, named) = FileFormat::of(path, format, usual);
        let what = if format.is_picture() { "picture" } else { "array" };
        let all = [
            (Part::Pixels, pixels, what, named),
            (Part::Mask, mask, "mask", npy::FORMAT),
            (Part::Grid, grid_path, "grid", grid::FORMAT),
        ];
        let (parts, wanted): (Vec<Part>, Vec<Wanted<'_>>) = all
            .into_iter()
            .filter_map(|(part, path, what, format)| Some((part, Wanted { path: path?, what, format })))
            .unzip();
        let outputs = context.outputs_of(locations, &wanted)?;
        Ok(Arrays { parts: parts.into_iter().zip(outputs).collect(), format, path: path.to_owned() })
    }

    /// What the pixels are written as.
    pub(crate) fn format(&self) -> FileFormat {
        self.format
    }

    /// Whether rows can be written as they come; and whether a band may come behind another one.
    pub(crate) fn takes_rows(&self) -> Option<bool> {
        let arrays = || self.parts.iter().filter(|(part, _)| !matches!(part, Part::Grid)).map(|(_, output)| output);
        let takes = self.format == FileFormat::Npy && arrays().all(Output::takes_pieces);
        takes.then(|| arrays().all(Output::takes_pieces_anywhere))
    }

    /// Whether a mask is wanted.
    pub(crate) fn has_mask(&self) -> bool {
        self.parts.iter().any(|(part, _)| matches!(part, Part::Mask))
    }

    /// An array and a mask that take rows, and what is written behind them.
    ///
    /// # Errors
    /// No room for them.
    pub(crate) fn in_rows(self, shape: Shape) -> anyhow::Result<(Rows, Rest)> {
        let (mut pixels, mut mask, mut grid) = (None, None, None);
        for (part, output) in self.parts {
            match part {
                Part::Pixels => pixels = Some(output),
                Part::Mask => mask = Some(output),
                Part::Grid => grid = Some(output),
            }
        }
        let pixels = pixels.ok_or_else(|| anyhow!("no array is written"))?;
        Ok((Rows::begin(shape, pixels, mask)?, Rest { shape, grid }))
    }

    /// Writes all of them and says so; `more` stands at the end of the line.
    ///
    /// # Errors
    /// Pixels that the format cannot hold; what the system says, with the name of the output.
    pub(crate) async fn write(
        mut self,
        context: &Context,
        raster: Raster,
        drawing: &Drawing<'_>,
        origin: Origin<'_>,
        more: &str,
    ) -> anyhow::Result<()> {
        let Origin { crs, own } = origin;
        // A picture is made of what was read: what its format cannot hold is an error.
        let changed = if self.format.is_picture() { None } else { drawing.changed(&raster)? };
        let alpha = drawing.alpha.filter(|_| drawing.colors.is_none());
        let mut raster = Some(changed.unwrap_or(raster));
        let mut said = Vec::new();
        let mut outputs = Vec::new();
        // The pixels last: a GeoTIFF takes them over.
        for (part, mut output) in self.parts.drain(..).rev() {
            let what = match (part, self.format, &raster) {
                (Part::Pixels, FileFormat::Tif, _) => {
                    let origin = Origin { crs, own: own.filter(|_| drawing.is_plain()) };
                    let place = Place { origin, alpha, output: Some(&self.path) };
                    let raster = raster.take().ok_or_else(|| anyhow!("pixels are written once"))?;
                    geotiff::write(context, &mut output, raster, place).await?
                }
                (_, _, None) => bail!("pixels are written last"),
                (Part::Pixels, format, Some(raster)) if format.is_picture() => {
                    drawing.write(&mut output, raster, format)?
                }
                (Part::Pixels, _, Some(raster)) => {
                    let (bands, height, width) = raster.dim();
                    npy::write_pixels(&mut output, &raster.pixels)?;
                    format!("({bands}, {height}, {width}) {}", raster.pixels.sample_type())
                }
                (Part::Mask, _, Some(raster)) => {
                    let (_, height, width) = raster.dim();
                    npy::write_mask(&mut output, &raster.mask())?;
                    format!("({height}, {width}) uint8")
                }
                (Part::Grid, _, Some(raster)) => {
                    grid::write(&mut output, &Grid::of(raster), crs)?;
                    "grid".to_string()
                }
            };
            said.push(output.summary(&what));
            outputs.push(output);
        }
        said.reverse();
        outputs.reverse();
        written::finish(outputs)?;
        context.say(&format!("wrote {}{more}", said.join("; ")));
        Ok(())
    }

    /// Writes a read that never is in memory as a whole, and says so. Only the pixels, and their grid, are written so.
    ///
    /// # Errors
    /// What cannot be read, and what the system says.
    pub(crate) async fn write_unread(
        self,
        context: &Context,
        unread: Unread<'_>,
        (shape, first): (Shape, &Raster),
        (origin, alpha): (Origin<'_>, Option<usize>),
    ) -> anyhow::Result<()> {
        let Origin { crs, own } = origin;
        let own = own.filter(|_| unread.drawing.is_plain());
        let (mut said, mut outputs, mut unread) = (Vec::new(), Vec::new(), Some(unread));
        for (part, mut output) in self.parts {
            let what = match part {
                Part::Pixels => {
                    let unread = unread.take().ok_or_else(|| anyhow!("pixels are written once"))?;
                    let place = Place { origin: Origin { crs, own }, alpha, output: Some(&self.path) };
                    geotiff::write_unread(context, &mut output, unread, (shape, first), place).await?
                }
                Part::Grid => {
                    grid::write(&mut output, &Grid { shape, ..Grid::of(first) }, crs)?;
                    "grid".to_string()
                }
                Part::Mask => bail!("the mask of such an array is in the file itself"),
            };
            said.push(output.summary(&what));
            outputs.push(output);
        }
        written::finish(outputs)?;
        context.say(&format!("wrote {}", said.join("; ")));
        Ok(())
    }
}

/// What is written once an array is.
pub(crate) struct Rest {
    shape: Shape,
    grid: Option<Output>,
}

impl Rest {
    /// The grid of the whole, of which this is the first part.
    pub(crate) fn grid(&self, first: &Raster) -> Grid {
        Grid { shape: self.shape, ..Grid::of(first) }
    }

    /// Gives all outputs their names, and says so.
    ///
    /// # Errors
    /// What the system says, with the name of the output.
    pub(crate) fn finish(
        self,
        context: &Context,
        rows: Rows,
        place: Option<Grid>,
        crs: Option<&Crs>,
    ) -> anyhow::Result<()> {
        let Shape { dim: (bands, height, width), sample } = self.shape;
        let (pixels, mask) = rows.end()?;
        let mut said = vec![pixels.summary(&format!("({bands}, {height}, {width}) {sample}"))];
        said.extend(mask.as_ref().map(|mask| mask.summary(&format!("({height}, {width}) uint8"))));
        let mut outputs: Vec<Output> = [pixels].into_iter().chain(mask).collect();
        if let (Some(mut output), Some(place)) = (self.grid, place) {
            grid::write(&mut output, &place, crs)?;
            said.push(output.summary("grid"));
            outputs.push(output);
        }
        written::finish(outputs)?;
        context.say(&format!("wrote {}", said.join("; ")));
        Ok(())
    }
}
