//! Rows from a closure as a source.

use std::sync::{Mutex, PoisonError};

use cog_raster::{Area, ErrorClass, Pixels};
use futures_util::future::{BoxFuture, ready};

use crate::error::SourceError;
use crate::image::Image;
use crate::source::{Content, Source};

/// The closure of a [`RowSource`].
type Next = Box<dyn FnMut(u32) -> Result<Pixels, SourceError> + Send>;

/// Pixels that come row by row, from a closure that is called for one group of rows after the other.
pub struct RowSource {
    image: Image,
    next: Mutex<Next>,
}

impl RowSource {
    /// `next` is called with a number of rows, from the top to the bottom, and gives as many as (band, row, column), of the type and the
    /// width that the image says. Such a source gives no mask.
    pub fn new(mut image: Image, next: impl FnMut(u32) -> Result<Pixels, SourceError> + Send + 'static) -> RowSource {
        image.mask = false;
        RowSource { image, next: Mutex::new(Box::new(next)) }
    }
}

impl std::fmt::Debug for RowSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowSource").field("image", &self.image).finish_non_exhaustive()
    }
}

impl Source for RowSource {
    fn image(&self) -> &Image {
        &self.image
    }

    fn blocks(&self, _: usize) -> (u32, u32) {
        (self.image.width, 1)
    }

    fn read(&self, _: usize, area: Area) -> BoxFuture<'_, Result<Content, SourceError>> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let pixels = next(area.height);
        let wanted = (usize::from(self.image.bands), area.height as usize, area.width as usize);
        let checked = pixels.and_then(|pixels| match pixels.dim() == wanted && pixels.sample_type() == self.image.sample {
            true => Ok(Content::Pixels { pixels, mask: None }),
            false => {
                let (bands, rows, columns) = pixels.dim();
                let text = format!(
                    "the closure gave {rows} rows of {columns} pixels with {bands} bands of {}, not {} of {} with {} of {}",
                    pixels.sample_type(),
                    wanted.1,
                    wanted.2,
                    wanted.0,
                    self.image.sample
                );
                Err(SourceError::new(text, ErrorClass::Usage))
            }
        });
        Box::pin(ready(checked))
    }
}
