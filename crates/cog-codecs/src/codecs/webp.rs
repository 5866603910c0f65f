//! Compression 50001: a WebP picture of 3 or 4 bands.

use cog_tiff::SampleType;

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded, Delivery};
use crate::error::{Error, Result};
use crate::scratch::Scratch;

#[cfg(feature = "webp")]
use libwebp::Picture;
#[cfg(not(feature = "webp"))]
use pure::Picture;

#[cfg(feature = "webp")]
mod libwebp;
#[cfg(not(feature = "webp"))]
mod pure;

const NAME: &str = "WebP";

/// libwebp, or without a C compiler image-webp. An encoder drops an alpha band that is opaque throughout: such a picture
/// still fills a block of 4 bands. Alpha that the block has no band for is left out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WebP;

impl Codec for WebP {
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        self.check(spec)?;
        let picture = Picture::open(src)?;
        let (width, height) = picture.size();
        if (width, height) != (spec.width, spec.height) {
            let bands = u32::from(spec.samples);
            let expected = (spec.width, spec.height, bands);
            return Err(Error::Shape { codec: NAME, found: (width, height, bands), expected });
        }
        picture.decode(usize::from(spec.samples), scratch, out)?;
        Ok(Decoded::default())
    }

    fn delivery(&self, _spec: &BlockSpec<'_>) -> Delivery {
        Delivery::Samples
    }

    fn check(&self, spec: &BlockSpec<'_>) -> Result<()> {
        if spec.sample_type()? != SampleType::U8 || !matches!(spec.samples, 3 | 4) || spec.bits_per_sample != 8 {
            let what = format!("a block of {} bands of {} bits", spec.samples, spec.bits_per_sample);
            return Err(Error::variant(NAME, what));
        }
        Ok(())
    }
}

fn no_header(len: usize) -> Error {
    Error::corrupt(NAME, format!("no picture header in {len} bytes"))
}
