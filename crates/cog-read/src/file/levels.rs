//! What is known of the page that a [`Cog`](crate::Cog) shows: worked out once, not at every read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cog_tiff::{BlockGrid, Error, Ifd, Image, Page, Profile, Result};

use crate::file::layer::Layer;
use crate::file::pieces;

/// One resolution of an image. Level 0 is full resolution, 1 … are the overviews in file order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Level {
    /// Its number.
    pub index: usize,
    /// What its IFD says.
    pub image: Image,
    /// The grid in which reading any part takes the least work: its blocks, or rows of strips that are large and not compressed, of
    /// which a read fetches only those that it needs.
    pub pieces: BlockGrid,
    /// Number of its IFD: see [`Cog::ifd`](crate::Cog::ifd).
    pub ifd: usize,
    /// Number of its mask's IFD.
    pub mask: Option<usize>,
    /// How many times smaller it is than full resolution, in x and y.
    pub decimation: (f64, f64),
}

/// The page's levels, profile and layers, as they are asked for.
#[derive(Default)]
pub(crate) struct PageCache {
    levels: OnceLock<Result<Arc<[Arc<Level>]>>>,
    profile: OnceLock<Result<Arc<Profile>>>,
    /// By the number of the IFD, and whether colours stay as stored.
    layers: Mutex<HashMap<(usize, bool), Arc<Layer>>>,
}

impl PageCache {
    /// `ifd` gives the IFDs by the page's numbers for them.
    pub(crate) fn levels<'a>(&self, page: &Page, ifd: impl Fn(usize) -> Option<&'a Ifd>) -> Result<Arc<[Arc<Level>]>> {
        self.levels.get_or_init(|| levels_of(page, ifd)).clone()
    }

    pub(crate) fn profile(&self, make: impl FnOnce() -> Result<Profile>) -> Result<Arc<Profile>> {
        self.profile.get_or_init(|| make().map(Arc::new)).clone()
    }

    pub(crate) fn layer(
        &self,
        ifd: usize,
        raw_color: bool,
        make: impl FnOnce() -> Result<Layer>,
    ) -> Result<Arc<Layer>> {
        let mut layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(layer) = layers.get(&(ifd, raw_color)) {
            return Ok(Arc::clone(layer));
        }
        let layer = Arc::new(make()?);
        layers.insert((ifd, raw_color), Arc::clone(&layer));
        Ok(layer)
    }
}

fn levels_of<'a>(page: &Page, ifd: impl Fn(usize) -> Option<&'a Ifd>) -> Result<Arc<[Arc<Level>]>> {
    let image = |number: usize| Image::of(ifd(number).ok_or(Error::NoIfd)?);
    let full = image(page.full.ifd)?;
    let mask = |number: usize| image(number).map(|mask| pieces::grid(&mask, None));
    page.levels()
        .enumerate()
        .map(|(index, level)| {
            let image = image(level.ifd)?;
            // The mask of full resolution stands in for one that is missing.
            let mask = level.mask.or(page.full.mask).and_then(|number| mask(number).ok());
            let decimation =
                (f64::from(full.width) / f64::from(image.width), f64::from(full.height) / f64::from(image.height));
            Ok(Arc::new(Level {
                index,
                pieces: pieces::grid(&image, mask.as_ref()),
                image,
                ifd: level.ifd,
                mask: level.mask,
                decimation,
            }))
        })
        .collect()
}
