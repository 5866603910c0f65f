//! What is known of the page that a [`Cog`](crate::Cog) shows: worked out once, not at every read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cog_tiff::{Image, Page, Profile, Tiff};

use crate::cog::Level;
use crate::layer::Layer;

/// The page's levels, profile and layers, as they are asked for.
#[derive(Default)]
pub(crate) struct Shown {
    levels: OnceLock<cog_tiff::Result<Arc<[Arc<Level>]>>>,
    profile: OnceLock<cog_tiff::Result<Arc<Profile>>>,
    /// By IFD, and whether colours stay as stored.
    layers: Mutex<HashMap<(usize, bool), Arc<Layer>>>,
}

impl Shown {
    pub(crate) fn levels(&self, tiff: &Tiff, page: &Page) -> cog_tiff::Result<Arc<[Arc<Level>]>> {
        self.levels.get_or_init(|| levels_of(tiff, page)).clone()
    }

    pub(crate) fn profile(&self, tiff: &Tiff, page: &Page) -> cog_tiff::Result<Arc<Profile>> {
        self.profile.get_or_init(|| Profile::of(tiff, page).map(Arc::new)).clone()
    }

    pub(crate) fn layer(
        &self,
        tiff: &Tiff,
        ifd: usize,
        raw_color: bool,
        jpeg_header: Option<&Arc<[u8]>>,
    ) -> cog_tiff::Result<Arc<Layer>> {
        let mut layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(layer) = layers.get(&(ifd, raw_color)) {
            return Ok(Arc::clone(layer));
        }
        let ifd_of = tiff.ifds().get(ifd).ok_or(cog_tiff::Error::NoIfd)?;
        let layer = Arc::new(Layer::of(ifd_of, raw_color, jpeg_header)?);
        layers.insert((ifd, raw_color), Arc::clone(&layer));
        Ok(layer)
    }
}

fn levels_of(tiff: &Tiff, page: &Page) -> cog_tiff::Result<Arc<[Arc<Level>]>> {
    let image = |ifd: usize| Image::of(tiff.ifds().get(ifd).ok_or(cog_tiff::Error::NoIfd)?);
    let full = image(page.full.ifd)?;
    page.levels()
        .enumerate()
        .map(|(index, level)| {
            let image = image(level.ifd)?;
            let decimation =
                (f64::from(full.width) / f64::from(image.width), f64::from(full.height) / f64::from(image.height));
            Ok(Arc::new(Level { index, image, ifd: level.ifd, mask: level.mask, decimation }))
        })
        .collect()
}
