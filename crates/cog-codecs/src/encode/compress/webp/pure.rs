//! image-webp, without a C compiler: lossless pictures only.

use cog_tiff::Compression;
use image_webp::{ColorType, WebPEncoder};

use super::NAME;
use crate::encode::shape::BlockShape;
use crate::error::{Error, Result};
use crate::foreign_panic::caught;

#[derive(Debug)]
pub(in crate::encode) struct WebP {
    width: u32,
    height: u32,
    color: ColorType,
}

impl WebP {
    /// Lossless without a quality; `shape` as checked: 8 bits, 3 or 4 bands, sides of at most 16383.
    pub(in crate::encode) fn new(quality: Option<u8>, shape: &BlockShape) -> Result<Self> {
        if quality.is_some() {
            return Err(Error::Disabled { compression: Compression::WebP, feature: "webp" });
        }
        let color = if shape.samples == 4 { ColorType::Rgba8 } else { ColorType::Rgb8 };
        Ok(Self { width: shape.width, height: shape.height, color })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        caught(NAME, || {
            WebPEncoder::new(&mut *out)
                .encode(block, self.width, self.height, self.color)
                .map_err(|cause| Error::corrupt(NAME, cause.to_string()))
        })
    }
}
