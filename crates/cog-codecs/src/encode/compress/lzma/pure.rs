//! lzma-rust2, without a C compiler.

use std::io::Write;

use cog_tiff::Predictor;
use lzma_rust2::filter::FilterType;
use lzma_rust2::{CheckType, XzOptions, XzWriter};

use super::{NAME, distance};
use crate::encode::shape::BlockShape;
use crate::error::{Error, Result};
use crate::foreign_panic::caught;

#[derive(Debug)]
pub(in crate::encode) struct Lzma {
    options: XzOptions,
}

impl Lzma {
    /// `level` within its bounds.
    pub(in crate::encode) fn new(level: u8, predictor: Predictor, shape: &BlockShape) -> Result<Self> {
        let mut options = XzOptions::with_preset(level.into());
        options.set_check_sum_type(CheckType::None);
        if let Some(distance) = distance(predictor, shape) {
            options.prepend_pre_filter(FilterType::Delta, distance.into());
        }
        Ok(Self { options })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        caught(NAME, || {
            let mut writer = XzWriter::new(&mut *out, self.options.clone()).map_err(named)?;
            writer.write_all(block).map_err(named)?;
            writer.finish().map_err(named)?;
            Ok(())
        })
    }
}

fn named(cause: std::io::Error) -> Error {
    Error::corrupt(NAME, cause.to_string())
}
