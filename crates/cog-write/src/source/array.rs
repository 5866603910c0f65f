//! A raster in memory as a source.

use cog_raster::ndarray::s;
use cog_raster::{Area, ErrorClass, Pixels, Raster, Sample, Validity, dispatch};
use cog_tiff::{GeoTransform, Tag, Value};
use futures_util::future::{BoxFuture, ready};

use crate::error::{Error, Result, SourceError};
use crate::image::Image;
use crate::source::{Content, Source};

/// A raster in memory.
#[derive(Clone, Debug)]
pub struct ArraySource {
    image: Image,
    raster: Raster,
}

impl ArraySource {
    /// All of a raster, with its nodata, its names of bands, its transform and its EPSG code. A validity that does not follow from
    /// nodata becomes a mask; masks of single bands become one of the image, which is valid where any band is.
    ///
    /// # Errors
    /// Pixels that no file can hold: none, or more than 2^32 in a row.
    pub fn new(raster: Raster) -> Result<ArraySource> {
        let (bands, rows, columns) = raster.dim();
        let count = |n: usize| u32::try_from(n).map_err(|_| Error::Option(format!("a side of {n} pixels is too long")));
        let bands = u16::try_from(bands).map_err(|_| Error::Option(format!("{bands} bands are too many")))?;
        let mut image = Image::new(count(columns)?, count(rows)?, bands, raster.pixels.sample_type());
        image.nodata = raster.nodata;
        image.mask = raster.nodata.is_none() && raster.validity != Validity::AllValid;
        for (band, name) in raster.band_names.iter().enumerate().take(usize::from(bands)) {
            if let Some(name) = name {
                image.metadata.push(crate::MetadataItem {
                    name: "DESCRIPTION".into(),
                    value: name.clone(),
                    band: u32::try_from(band + 1).ok(),
                    role: Some("description".into()),
                    domain: None,
                });
            }
        }
        if let Some(transform) = raster.transform {
            image.tags.extend(transform_tags(&transform));
        }
        image.check()?;
        Ok(ArraySource { image, raster })
    }

    /// What will be written, to change it: colours, metadata, georeference.
    pub fn image_mut(&mut self) -> &mut Image {
        &mut self.image
    }
}

/// The tags that tie pixels to coordinates: a pixel scale and a tie point if the transform is north-up, else its matrix (GeoTIFF 1.1, as
/// GDAL writes them). The transform speaks of pixel corners, as do these tags unless GeoKeys say that pixels are points.
pub fn transform_tags(transform: &GeoTransform) -> Vec<(Tag, Value)> {
    let GeoTransform { a, b, c, d, e, f } = *transform;
    if b == 0.0 && d == 0.0 && a > 0.0 && e < 0.0 {
        return vec![
            (Tag::MODEL_PIXEL_SCALE, Value::Double(vec![a, -e, 0.0])),
            (Tag::MODEL_TIEPOINT, Value::Double(vec![0.0, 0.0, 0.0, c, f, 0.0])),
        ];
    }
    let matrix = vec![a, b, 0.0, c, d, e, 0.0, f, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    vec![(Tag::MODEL_TRANSFORMATION, Value::Double(matrix))]
}

impl Source for ArraySource {
    fn image(&self) -> &Image {
        &self.image
    }

    fn blocks(&self, _: usize) -> (u32, u32) {
        (1, 1)
    }

    fn read(&self, _: usize, area: Area) -> BoxFuture<'_, Result<Content, SourceError>> {
        fn part<T: Sample>(pixels: &Pixels, area: Area) -> Option<Pixels> {
            let (x, y) = (area.x as usize, area.y as usize);
            let array = pixels.view::<T>().ok()?;
            let part = s![.., y..y + area.height as usize, x..x + area.width as usize];
            Some(Pixels::from(array.slice_move(part).to_owned()))
        }
        let (_, rows, columns) = self.raster.dim();
        let inside = area.x as usize + area.width as usize <= columns && area.y as usize + area.height as usize <= rows;
        let sample = self.raster.pixels.sample_type();
        let pixels = inside.then(|| dispatch!(sample, T => part::<T>(&self.raster.pixels, area), _ => None)).flatten();
        let outside = || SourceError::new("a rectangle outside of the array was asked for", ErrorClass::Internal);
        let mask = self.image.mask.then(|| {
            let (x, y) = (area.x as usize, area.y as usize);
            let part = s![y..y + area.height as usize, x..x + area.width as usize];
            match &self.raster.validity {
                Validity::Shared(mask) => mask.slice(part).to_owned(),
                other => other.union(rows, columns).slice(part).to_owned(),
            }
        });
        Box::pin(ready(pixels.map(|pixels| Content::Pixels { pixels, mask }).ok_or_else(outside)))
    }
}
