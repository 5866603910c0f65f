//! liblzma.

use ::liblzma::stream::{Action, Check, Error as LzmaError, Filters, LzmaOptions, Status, Stream};
use cog_tiff::Predictor;

use super::{NAME, distance};
use crate::encode::shape::BlockShape;
use crate::error::{Error, Result};

pub(in crate::encode) struct Lzma {
    filters: Filters,
}

impl Lzma {
    /// `level` within its bounds.
    pub(in crate::encode) fn new(level: u8, predictor: Predictor, shape: &BlockShape) -> Result<Self> {
        let mut filters = Filters::new();
        if let Some(distance) = distance(predictor, shape) {
            filters.delta_properties(&[distance.saturating_sub(1)]).map_err(named)?;
        }
        filters.lzma2(&LzmaOptions::new_preset(level.into()).map_err(named)?);
        Ok(Self { filters })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let mut stream = Stream::new_stream_encoder(&self.filters, Check::None).map_err(named)?;
        loop {
            let more = block.len() / 4 + 1024;
            out.try_reserve(more).map_err(|_| Error::OutOfMemory { codec: NAME, bytes: more })?;
            let rest = block.get(stream.total_in() as usize..).unwrap_or_default();
            match stream.process_vec(rest, out, Action::Finish) {
                Ok(Status::StreamEnd) => return Ok(()),
                Ok(_) => {}
                Err(cause) => return Err(named(cause)),
            }
        }
    }
}

fn named(cause: LzmaError) -> Error {
    match cause {
        LzmaError::Mem | LzmaError::MemLimit => Error::OutOfMemory { codec: NAME, bytes: 1 << 20 },
        other => Error::corrupt(NAME, other.to_string()),
    }
}

impl std::fmt::Debug for Lzma {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lzma").finish_non_exhaustive()
    }
}
