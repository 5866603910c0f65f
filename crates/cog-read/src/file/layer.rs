//! One image of a file as its decoder sees it: grid, tables, and the description of its blocks.

use std::sync::Arc;

use cog_codecs::{BlockSpec, ColorView};
use cog_tiff::{BlockGrid, BlockTable, ByteOrder, Compression, Ifd, Image, PlanarConfiguration, SampleType, Tag};

use crate::file::pieces::{self, Blocks};
use crate::file::tiff_file::TiffFile;

/// An image or a mask, ready to be decoded.
#[derive(Clone)]
pub(crate) struct Layer {
    /// Where its blocks lie.
    pub(crate) file: Arc<TiffFile>,
    /// Its grid is the one in which it is read: see [`pieces::grid`].
    pub(crate) image: Image,
    pub(crate) blocks: Blocks,
    pub(crate) sample_type: SampleType,
    /// Bands delivered: those of the file, or of the colours they are converted to.
    pub(crate) bands: usize,
    byte_order: ByteOrder,
    color_view: ColorView,
    jpeg_tables: Option<Arc<[u8]>>,
    lerc_parameters: Option<[u32; 2]>,
    t4_options: u32,
    t6_options: u32,
    ycbcr_coefficients: Option<[f32; 3]>,
    reference_black_white: Option<[f32; 6]>,
    white_point: Option<[f32; 2]>,
}

impl Layer {
    /// Reads what the IFD with this index says. `raw_color` leaves colours as they are stored; `jpeg_header` is what blocks of
    /// old-style JPEG have in common; `grid` is that of the level's [pieces](super::levels::Level::pieces), unless the image stands alone.
    pub(crate) fn of(
        file: &Arc<TiffFile>,
        ifd: usize,
        raw_color: bool,
        jpeg_header: Option<&Arc<[u8]>>,
        grid: Option<BlockGrid>,
    ) -> cog_tiff::Result<Layer> {
        let ifd = file.tiff.ifds().get(ifd).ok_or(cog_tiff::Error::NoIfd)?;
        let mut image = Image::of(ifd)?;
        let grid = grid.unwrap_or_else(|| pieces::grid(&image, None));
        let blocks = Blocks::of(BlockTable::of(ifd, &image)?, &image, grid);
        let sample_type = image.sample_type(ifd)?;
        image.grid = grid;
        let number = |tag| ifd.u64(tag).and_then(|v| u32::try_from(v).ok());
        let converted = image.converted_bands().filter(|_| !raw_color);
        Ok(Layer {
            file: Arc::clone(file),
            blocks,
            sample_type,
            bands: usize::from(converted.unwrap_or(image.samples)),
            byte_order: ifd.byte_order(),
            color_view: if raw_color { ColorView::Raw } else { ColorView::Gdal },
            jpeg_tables: match jpeg_header {
                Some(header) => Some(Arc::clone(header)),
                None => ifd.value(Tag::JPEG_TABLES).and_then(|v| v.bytes()).map(Arc::from),
            },
            lerc_parameters: numbers(ifd, Tag::LERC_PARAMETERS).map(|v: [f32; 2]| v.map(|n| n as u32)),
            t4_options: number(Tag::T4_OPTIONS).unwrap_or(0),
            t6_options: number(Tag::T6_OPTIONS).unwrap_or(0),
            ycbcr_coefficients: numbers(ifd, Tag::YCBCR_COEFFICIENTS),
            reference_black_white: numbers(ifd, Tag::REFERENCE_BLACK_WHITE),
            white_point: numbers(ifd, Tag::WHITE_POINT),
            image,
        })
    }

    /// The same with the blocks that the file has.
    pub(crate) fn uncut(&self) -> Layer {
        let (mut layer, (blocks, grid)) = (self.clone(), self.blocks.uncut());
        layer.image.grid = grid.unwrap_or(layer.image.grid);
        Layer { blocks, ..layer }
    }

    /// True if colours are converted only after all planes were read.
    pub(crate) fn converts_planes(&self) -> bool {
        self.is_planar() && self.color_view == ColorView::Gdal && self.image.converted_bands().is_some()
    }

    /// True if the bands are inks or the like, which GDAL would show as RGBA: none of them is that alpha.
    pub(crate) fn is_unconverted(&self) -> bool {
        self.color_view == ColorView::Raw && self.image.converted_bands().is_some()
    }

    /// True if its codec may say which pixels are valid: LERC does, and one that a caller added might.
    pub(crate) fn codec_may_know_validity(&self) -> bool {
        matches!(self.image.compression, Compression::Lerc | Compression::Other(_))
    }

    pub(crate) fn is_planar(&self) -> bool {
        self.image.planar == PlanarConfiguration::Planar
    }

    /// The description of a block in row `y` of the grid.
    pub(crate) fn spec(&self, y: u32) -> BlockSpec<'_> {
        let image = &self.image;
        let grid = &image.grid;
        let mut spec = BlockSpec::new(
            grid.block_width,
            grid.stored_rows(y),
            image.samples_per_block(),
            image.bits,
            image.sample_format,
            image.compression,
        );
        spec.predictor = image.predictor;
        spec.photometric = image.photometric;
        spec.byte_order = self.byte_order;
        spec.fill_order = image.fill_order;
        spec.ycbcr_subsampling = image.ycbcr_subsampling;
        spec.color_view = self.color_view;
        spec.jpeg_tables = self.jpeg_tables.as_deref();
        spec.lerc_parameters = self.lerc_parameters;
        spec.t4_options = self.t4_options;
        spec.t6_options = self.t6_options;
        spec.ink_set = image.ink_set;
        spec.rows_used = grid.inside(0, y).1;
        if let Some(v) = self.ycbcr_coefficients {
            spec.ycbcr_coefficients = v;
        }
        if let Some(v) = self.reference_black_white {
            spec.reference_black_white = v;
        }
        if let Some(v) = self.white_point {
            spec.white_point = v;
        }
        spec
    }
}

/// The first `N` numbers of a tag.
fn numbers<const N: usize>(ifd: &Ifd, tag: Tag) -> Option<[f32; N]> {
    let values = ifd.f64s(tag)?;
    let first: Vec<f32> = values.into_iter().take(N).map(|v| v as f32).collect();
    first.try_into().ok()
}
