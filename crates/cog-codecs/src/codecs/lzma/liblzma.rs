//! liblzma.

use ::liblzma::stream::{Action, Error as LzmaError, Status, Stream};

use super::{MEMORY, NAME, over_memory};
use crate::error::{Error, Result};

/// Decodes into `out` until it is full or the stream ends; gives the bytes written.
pub(super) fn fill(src: &[u8], out: &mut [u8]) -> Result<usize> {
    let mut stream = Stream::new_stream_decoder(u64::from(MEMORY), 0).map_err(|cause| named(&cause))?;
    loop {
        let (read, written) = (stream.total_in() as usize, stream.total_out() as usize);
        let (Some(input), Some(room)) = (src.get(read..), out.get_mut(written..)) else { return Ok(written) };
        if room.is_empty() {
            return Ok(written);
        }
        let status = stream.process(input, room, Action::Run).map_err(|cause| named(&cause))?;
        let stuck = (stream.total_in() as usize, stream.total_out() as usize) == (read, written);
        if matches!(status, Status::StreamEnd | Status::MemNeeded) || stuck {
            return Ok(stream.total_out() as usize);
        }
    }
}

fn named(cause: &LzmaError) -> Error {
    match cause {
        LzmaError::MemLimit => over_memory(),
        LzmaError::Mem => Error::OutOfMemory { codec: NAME, bytes: MEMORY as usize },
        other => Error::corrupt(NAME, other.to_string()),
    }
}
