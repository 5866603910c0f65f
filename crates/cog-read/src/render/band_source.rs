//! What all requests for pixels have in common: a level, its bands, and where their validity comes from.

use std::sync::Arc;

use cog_raster::resample::Colors;
use cog_raster::{Area, GeoTransform, Pixels, Raster, Validity, Window};
use cog_tiff::{Nodata, Profile};
use ndarray::{Array2, ArrayView2, Axis};

use crate::cog::Cog;
use crate::error::{Error, Result, UsageProblem};
use crate::file::layer::Layer;
use crate::file::levels::Level;
use crate::file::validity_source::ValiditySource;
use crate::pipeline::destination::{Destination, Filled, fill_bytes};
use crate::pipeline::planar_color;
use crate::render::selection::Selection;
use cog_raster::canvas::{Canvas, Tiling};

/// Bands of a level, and where their validity comes from.
#[derive(Clone)]
pub(crate) struct BandSource {
    pub(crate) cog: Cog,
    pub(crate) level: Arc<Level>,
    /// The level is an overview that was chosen for the size of the output.
    pub(crate) chosen: bool,
    pub(crate) layer: Arc<Layer>,
    /// The level's mask IFD, where the validity comes from it.
    pub(crate) mask: Option<Arc<Layer>>,
    pub(crate) profile: Arc<Profile>,
    /// Bands wanted, from 0.
    pub(crate) bands: Vec<usize>,
    pub(crate) validity: ValiditySource,
    /// Of each wanted band; they differ only where a side-car says so.
    band_nodata: Vec<Option<Nodata>>,
    /// The caller's nodata stands for all that the file says.
    own_nodata: bool,
    /// The image read is a mask: it holds 0 and 255.
    shows_mask: bool,
    /// Bands read: those wanted and those that the validity comes from, or all planes where colours need them.
    read: Vec<usize>,
}

impl BandSource {
    pub(crate) fn new(cog: &Cog, level: usize, selection: &Selection) -> Result<BandSource> {
        let Selection { bands, raw_color, nodata, .. } = selection;
        let level = cog.cached_level(level)?;
        let layer = cog.layer(&level, *raw_color)?;
        let profile = cog.cached_profile()?;
        let count = layer.bands;
        let bands = match bands {
            None => (0..count).collect(),
            Some(bands) if bands.is_empty() => return Err(cog.usage(UsageProblem::NoBands)),
            Some(bands) => bands
                .iter()
                .map(|band| match band.checked_sub(1) {
                    Some(index) if index < count => Ok(index),
                    _ => Err(cog.usage(UsageProblem::NoSuchBand { band: *band, count })),
                })
                .collect::<Result<Vec<_>>>()?,
        };
        let own_nodata = nodata.is_some();
        let (validity, nodata) = match nodata {
            Some(value) => {
                selection.check_nodata(layer.sample_type).map_err(|problem| cog.usage(problem))?;
                let nodata = Nodata::of(*value, layer.sample_type);
                let validity = match nodata {
                    Some(_) => ValiditySource::Nodata(vec![nodata; bands.len()]),
                    None => ValiditySource::AllValid,
                };
                (validity, vec![nodata; bands.len()])
            }
            None => {
                // Colours that stay as stored may have more bands than GDAL shows.
                let of_band = |band: &usize| profile.band_nodata.get(*band).copied().unwrap_or(profile.nodata);
                let nodata: Vec<Option<Nodata>> = bands.iter().map(of_band).collect();
                (ValiditySource::of(&level, &layer, &profile, &bands, &nodata), nodata)
            }
        };
        let mask = match validity {
            ValiditySource::Mask(ifd) => Some(cog.mask_layer(ifd)?),
            _ => None,
        };
        let mut read: Vec<usize> = bands.clone();
        read.extend(validity.bands().into_iter().filter(|band| !bands.contains(band)));
        if layer.converts_planes() {
            read = (0..usize::from(layer.image.samples)).collect();
        }
        Ok(BandSource {
            cog: cog.clone(),
            level,
            chosen: false,
            layer,
            mask,
            profile,
            bands,
            validity,
            band_nodata: nodata,
            own_nodata,
            shows_mask: false,
            read,
        })
    }

    /// The mask of full resolution as an image of 0 and 255, for a level that has none of its own while the image has one.
    pub(crate) fn missing_mask(&self) -> Result<Option<BandSource>> {
        let full = self.cog.cached_level(0)?;
        let Some(mask) = full.mask.filter(|_| self.level.mask.is_none() && !self.own_nodata) else {
            return Ok(None);
        };
        Ok(Some(BandSource {
            layer: self.cog.mask_layer(mask)?,
            level: full,
            chosen: false,
            mask: None,
            bands: vec![0],
            validity: ValiditySource::AllValid,
            band_nodata: vec![None],
            shows_mask: true,
            read: vec![0],
            ..self.clone()
        }))
    }

    /// Bits of a sample, where some of its type's are unused.
    pub(crate) fn bits(&self) -> u16 {
        if self.shows_mask { 8 } else { self.layer.image.bits }
    }

    /// The same request for another level, whose samples are of the same type and number.
    pub(crate) fn at_level(&self, level: usize, selection: &Selection) -> Result<BandSource> {
        // As many as full resolution has: further bands of an overview are not read.
        let bands = Some(self.bands.iter().map(|band| band + 1).collect());
        BandSource::new(&self.cog, level, &Selection { bands, ..selection.clone() })
    }

    pub(crate) fn location(&self) -> Arc<str> {
        Arc::from(self.cog.location())
    }

    /// Nodata of the first of the wanted bands.
    pub(crate) fn nodata(&self) -> Option<Nodata> {
        self.nodata_of(0)
    }

    /// Nodata of a band, by its place among those wanted.
    pub(crate) fn nodata_of(&self, place: usize) -> Option<Nodata> {
        self.band_nodata.get(place).copied().flatten()
    }

    /// Width and height of the level.
    pub(crate) fn image_size(&self) -> (u32, u32) {
        (self.layer.image.width, self.layer.image.height)
    }

    /// Bytes of pixels and validity of an area while it is read.
    pub(crate) fn bytes(&self, area: &Area) -> u64 {
        let pixels = u64::from(area.width) * u64::from(area.height);
        let samples = Canvas::bytes(self.layer.sample_type, self.read.len(), area);
        samples.map_or(u64::MAX, |n| n.saturating_add(self.validity.bytes(self.bands.len(), pixels)))
    }

    /// Bytes of `pixels` pixels and their validity as they are returned.
    pub(crate) fn output_bytes(&self, pixels: u64, unscaled: bool) -> u64 {
        let sample = if unscaled { 16 } else { 0 } + self.layer.sample_type.size() as u64;
        let samples = pixels.saturating_mul(self.bands.len() as u64).saturating_mul(sample);
        samples.saturating_add(self.validity.bytes(self.bands.len(), pixels))
    }

    /// Refuses an output over the limit.
    pub(crate) fn check_output(&self, bytes: u64) -> Result<()> {
        let limit = self.cog.session().limits().max_output_bytes;
        if bytes > limit {
            return Err(Error::TooLarge { location: self.location(), what: "output", bytes, limit });
        }
        Ok(())
    }

    /// The layers that are read, mask first: number them as [`destinations`](Self::destinations) does.
    pub(crate) fn layers(&self) -> Vec<(&Arc<Layer>, &[usize])> {
        let mask = self.mask.iter().map(|mask| (mask, &[0][..]));
        mask.chain([(&self.layer, &self.read[..])]).collect()
    }

    /// The arrays to fill for an area. The area was checked against the limit.
    pub(crate) fn destinations(&self, area: Area) -> Result<Vec<Destination>> {
        let location = self.location();
        let fill = fill_bytes(self.nodata(), self.layer.sample_type);
        let level = self.level.index;
        let mut destinations = Vec::new();
        if let Some(mask) = &self.mask {
            let tiling = tiling(mask, area);
            destinations.push(Destination::new(Arc::clone(mask), tiling, vec![0], None, level, &location)?.into_mask());
        }
        let tiling = tiling(&self.layer, area);
        let mut image = Destination::new(Arc::clone(&self.layer), tiling, self.read.clone(), fill, level, &location)?;
        image.framed = self.is_framed();
        destinations.push(if self.shows_mask { image.into_mask() } else { image });
        Ok(destinations)
    }

    /// True if the file promises that blocks follow each other in frames, as GDAL's COG driver writes them. Only of remote files
    /// does that spare anything, and blocks with a mask's between them do not follow each other.
    pub(crate) fn is_framed(&self) -> bool {
        let ghost = self.cog.tiff().ghost();
        self.cog.source().is_remote()
            && !self.layer.is_planar()
            && ghost.is_some_and(|g| g.framed_blocks() && g.row_major() && !g.mask_interleaved() && !g.is_broken())
    }

    /// How many arrays an area has.
    pub(crate) fn destinations_per_area(&self) -> usize {
        1 + usize::from(self.mask.is_some())
    }

    /// Pixels of the wanted bands and their validity, from the filled arrays of [`destinations`](Self::destinations).
    pub(crate) fn finish(&self, area: &Area, filled: impl IntoIterator<Item = Filled>) -> Result<Part> {
        let mut filled: Vec<Filled> = filled.into_iter().collect();
        let Some(Filled { mut pixels, known_to_codec }) = filled.pop() else {
            return Err(Error::Worker { location: self.location(), message: "nothing was read".into() });
        };
        let mut read = &self.read;
        if self.layer.converts_planes() {
            let failed = |source| Error::Image { location: self.location(), level: self.level.index, source };
            pixels = planar_color::convert(pixels, &self.layer).map_err(failed)?.select(&self.bands);
            read = &self.bands;
        }
        let place = |band: usize| read.iter().position(|b| *b == band);
        let mut validity = match filled.pop().map(|mask| mask.pixels) {
            Some(Pixels::U8(mask)) => Validity::Shared(mask.index_axis_move(Axis(0), 0)),
            _ => self.validity.of_pixels(&pixels, &self.bands, place),
        };
        if let Some(Pixels::U8(masks)) = known_to_codec {
            validity = validity.and(match masks.dim().0 {
                1 => Validity::Shared(masks.index_axis_move(Axis(0), 0)),
                _ => Validity::PerBand(masks.slice_move(ndarray::s![..self.bands.len(), .., ..])),
            });
        }
        let alpha = match self.validity {
            ValiditySource::Alpha(band) => place(band).map(|index| alpha_weights(&pixels, index)),
            _ => None,
        };
        pixels.truncate(self.bands.len());
        Ok(Part { pixels, validity: validity.and(within_image(area, self.image_size())), alpha })
    }

    /// A raster of an area, at the level's own resolution.
    pub(crate) fn area_raster(&self, area: Area, part: Part) -> Result<Raster> {
        let transform = self.cog.level_transform(&self.level)?;
        let transform = transform.map(|t| t.translated(f64::from(area.x), f64::from(area.y)));
        Ok(self.raster(Window::from(area), transform, part.pixels, part.validity))
    }

    /// A raster of a window of the level.
    pub(crate) fn raster(
        &self,
        window: Window,
        transform: Option<GeoTransform>,
        pixels: Pixels,
        validity: Validity,
    ) -> Raster {
        let mut raster = Raster::new(pixels, validity);
        raster.window = window;
        raster.level = self.level.index;
        raster.bands = self.bands.iter().map(|b| b + 1).collect();
        raster.transform = transform;
        raster.epsg = self.profile.epsg();
        raster.nodata = self.nodata();
        raster.band_names = self.band_names();
        raster
    }

    /// True if the samples are numbers of colours, which no mean makes sense of. GDAL gives 1-bit and white-is-zero images
    /// a table of colours too.
    pub(crate) fn is_palette(&self) -> bool {
        if self.shows_mask {
            return false;
        }
        let image = &self.layer.image;
        if image.photometric == cog_tiff::Photometric::MinIsWhite && image.samples == 1 && image.bits <= 16 {
            return true;
        }
        let colors = &self.profile.color_interpretation;
        self.bands.iter().any(|band| colors.get(*band) == Some(&cog_tiff::ColorInterpretation::Palette))
    }

    /// The colours that samples of the first band are numbers of, where they are; nodata's is none.
    pub(crate) fn colors(&self) -> Option<Arc<Colors>> {
        use cog_tiff::SampleType as S;
        let place = self.bands.iter().position(|band| *band == 0)?;
        if self.shows_mask || !matches!(self.layer.sample_type, S::U8 | S::U16) {
            return None;
        }
        let nodata = self.nodata_of(place).map(|nodata| nodata.as_f64().trunc());
        let opaque = |(number, color): (usize, [u8; 3])| (nodata != Some(number as f64)).then_some(color);
        Some(Arc::new(self.color_table()?.into_iter().enumerate().map(opaque).collect()))
    }

    /// GDAL's table: that of the file, else from white to black where 0 is white, else black and white for one bit.
    fn color_table(&self) -> Option<Vec<[u8; 3]>> {
        let full = self.cog.cached_level(0).ok()?;
        if let Some(map) = self.cog.ifd(full.ifd).ok().and_then(|ifd| cog_tiff::ColorMap::of(ifd, &full.image, None)) {
            return Some(map.entries().iter().map(|&[r, g, b, _]| [r, g, b]).collect());
        }
        let last = (1u32 << full.image.bits.min(16)) - 1;
        let gray = |value: u32| [(255 * value / last) as u8; 3];
        match full.image.photometric {
            cog_tiff::Photometric::MinIsWhite => Some((0..=last).map(|value| gray(last - value)).collect()),
            _ if full.image.bits == 1 => Some(vec![gray(0), gray(1)]),
            _ => None,
        }
    }

    /// Scale and offset of each wanted band.
    pub(crate) fn scales(&self) -> Vec<(f64, f64)> {
        let metadata = &self.profile.metadata;
        let of = |band: &usize| (metadata.scale(*band as u32 + 1), metadata.offset(*band as u32 + 1));
        self.bands.iter().map(of).collect()
    }

    pub(crate) fn band_names(&self) -> Arc<[Option<String>]> {
        let name = |b: &usize| self.profile.metadata.description(*b as u32 + 1).map(str::to_string);
        self.bands.iter().map(name).collect()
    }
}

/// Pixels of an area and what says which of them hold data.
pub(crate) struct Part {
    /// Of the wanted bands.
    pub(crate) pixels: Pixels,
    pub(crate) validity: Validity,
    /// How much each pixel counts in a mean, where an alpha band says so.
    pub(crate) alpha: Option<Array2<u8>>,
}

impl Part {
    /// How much each pixel of a band (a place among those wanted) counts; `None` if all count alike.
    pub(crate) fn weights(&self, band: usize) -> Option<ArrayView2<'_, u8>> {
        match (&self.alpha, &self.validity) {
            (Some(alpha), _) => Some(alpha.view()),
            (None, validity) => validity.of_band(band),
        }
    }
}

/// Alpha as 0 to 255; anything above 0 counts a little.
fn alpha_weights(pixels: &Pixels, index: usize) -> Array2<u8> {
    match pixels {
        Pixels::U8(a) => a.index_axis(Axis(0), index).to_owned(),
        Pixels::U16(a) => a.index_axis(Axis(0), index).mapv(|v| if v == 0 { 0 } else { (v / 257).max(1) as u8 }),
        other => {
            let (_, rows, columns) = other.dim();
            other.mask_by_alpha(index).unwrap_or_else(|| Array2::from_elem((rows, columns), 255))
        }
    }
}

fn tiling(layer: &Layer, area: Area) -> Tiling {
    Tiling { area, block: (layer.image.grid.block_width, layer.image.grid.block_height) }
}

/// Padding is never valid, whatever it holds.
fn within_image(area: &Area, image: (u32, u32)) -> Validity {
    let inside = (image.0.saturating_sub(area.x).min(area.width), image.1.saturating_sub(area.y).min(area.height));
    if inside == (area.width, area.height) {
        return Validity::AllValid;
    }
    let shape = (area.height as usize, area.width as usize);
    let within =
        Array2::from_shape_fn(shape, |(y, x)| if x < inside.0 as usize && y < inside.1 as usize { 255u8 } else { 0 });
    Validity::Shared(within)
}
