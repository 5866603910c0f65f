//! From compressed bytes to samples: bit order, codec, byte order, predictor, depth.

use cog_tiff::{ByteOrder, FillOrder, Predictor};

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded, Delivery};
use crate::error::{Error, Result};
use crate::registry::Codecs;
use crate::samples::color::ColorTransform;
use crate::samples::{bits, byte_swap, chroma, predictor};
use crate::scratch::Scratch;

impl Codecs {
    /// Whether blocks of this description can be decoded; to be asked before any byte is fetched.
    ///
    /// # Errors
    /// The Unsupported error that [`decode_block`](Self::decode_block) would end in, named by codec, predictor or layout.
    pub fn supports(&self, spec: &BlockSpec<'_>) -> Result<()> {
        check(self.get(spec.compression)?.as_ref(), spec)
    }

    /// The samples of a block whose bytes need no decoding: `src` itself, cut to [`BlockSpec::output_len`] bytes.
    ///
    /// `None` where [`decode_block`](Self::decode_block) has something to do, or to refuse: compressed blocks, another
    /// byte order than this machine's, packed bits, other colours, too few bytes.
    pub fn verbatim<'a>(&self, spec: &BlockSpec<'_>, src: &'a [u8]) -> Option<&'a [u8]> {
        let codec = self.get(spec.compression).ok()?.as_ref();
        check(codec, spec).ok()?;
        let native = spec.bits_per_sample == 8 || spec.byte_order == ByteOrder::NATIVE;
        let changed = spec.changes_colors() || spec.packed_chroma().is_some() || bits::needs_widening(spec);
        let as_is = codec.is_verbatim() && spec.fill_order == FillOrder::MsbFirst && native && !changed;
        if as_is { src.get(..spec.output_len().ok()?) } else { None }
    }

    /// Decodes one block into `out`, which has exactly [`BlockSpec::output_len`] bytes.
    ///
    /// Afterwards `out` holds height × width × [`output_samples`](BlockSpec::output_samples) samples of
    /// [`sample_type`](BlockSpec::sample_type) in the byte order of this machine, row by row, the samples of a pixel
    /// together. Codecs never write past it: a stream that would unpack to more costs no memory. What `out` holds after
    /// an error is unspecified.
    ///
    /// # Errors
    /// Format errors where `src` does not hold the block (too short is one), Unsupported ones as
    /// [`supports`](Self::supports), [`Error::OutputLength`] where `out` has another length.
    pub fn decode_block(
        &self,
        spec: &BlockSpec<'_>,
        src: &[u8],
        scratch: &mut Scratch,
        out: &mut [u8],
    ) -> Result<Decoded> {
        let codec = self.get(spec.compression)?.as_ref();
        check(codec, spec)?;
        let want = spec.output_len()?;
        if out.len() != want {
            return Err(Error::OutputLength { got: out.len(), want });
        }
        if spec.fill_order == FillOrder::LsbFirst && codec.heeds_fill_order() {
            let mut reversed = scratch.take_buffer::<Reversed>("FillOrder", 0)?;
            bits::reverse_bits(src, &mut reversed);
            let result = decode_view(codec, spec, &reversed, scratch, out);
            scratch.put_buffer::<Reversed>(reversed);
            return result;
        }
        decode_view(codec, spec, src, scratch, out)
    }
}

/// Buffers of the pipeline, by name.
struct Reversed;
struct Encoded;
struct Stored;

fn check(codec: &dyn Codec, spec: &BlockSpec<'_>) -> Result<()> {
    spec.output_len()?;
    spec.encoded_len()?;
    codec.check(spec)?;
    if codec.delivery(spec) == Delivery::Samples {
        return Ok(());
    }
    if codec.heeds_predictor() {
        predictor::check(spec)?;
    }
    chroma::check(spec)
}

/// Stored samples, then the colours of the view where it has its own.
fn decode_view(
    codec: &dyn Codec,
    spec: &BlockSpec<'_>,
    src: &[u8],
    scratch: &mut Scratch,
    out: &mut [u8],
) -> Result<Decoded> {
    if !spec.changes_colors() {
        return decode_stored(codec, spec, src, scratch, out);
    }
    let len = spec.stored_len()?;
    let mut buffer = scratch.take_buffer::<Stored>("colours", len)?;
    let result = (|| {
        let stored = buffer.get_mut(..len).ok_or(TOO_SHORT)?;
        let decoded = decode_stored(codec, spec, src, scratch, stored)?;
        ColorTransform::new(spec)?.convert(stored, out)?;
        Ok(decoded)
    })();
    scratch.put_buffer::<Stored>(buffer);
    result
}

const TOO_SHORT: Error = Error::Usage("the scratch buffer is shorter than the block");

/// The pipeline once bits are in order, up to samples as stored.
fn decode_stored(
    codec: &dyn Codec,
    spec: &BlockSpec<'_>,
    src: &[u8],
    scratch: &mut Scratch,
    out: &mut [u8],
) -> Result<Decoded> {
    if codec.delivery(spec) == Delivery::Samples {
        return codec.decode(spec, src, scratch, out);
    }
    // A predictor that the codec does not heed is none at all.
    let spec = &with_heeded_predictor(codec, spec);
    let widen = bits::needs_widening(spec);
    let planes = spec.predictor == Predictor::FloatingPoint;
    let subsampled = spec.packed_chroma();
    if !widen && !planes && subsampled.is_none() {
        let decoded = decode_encoded(codec, spec, src, scratch, out)?;
        undo_in_place(spec, out)?;
        return Ok(decoded);
    }
    let len = spec.encoded_len()?;
    let mut buffer = scratch.take_buffer::<Encoded>("block", if planes && widen { len * 2 } else { len })?;
    let result = (|| {
        let (encoded, spare) = buffer.split_at_mut_checked(len).ok_or(TOO_SHORT)?;
        let decoded = decode_encoded(codec, spec, src, scratch, encoded)?;
        if let Some(subsampling) = subsampled {
            chroma::unpack(spec, subsampling, encoded, out);
            return Ok(decoded);
        }
        match (planes, widen) {
            (true, true) => {
                let spare = spare.get_mut(..len).ok_or(TOO_SHORT)?;
                gather_planes(spec, encoded, spare)?;
                bits::widen(spec, spare, out)?;
            }
            (true, false) => gather_planes(spec, encoded, out)?,
            _ => {
                undo_in_place(spec, encoded)?;
                bits::widen(spec, encoded, out)?;
            }
        }
        Ok(decoded)
    })();
    scratch.put_buffer::<Encoded>(buffer);
    result
}

/// The codec's bytes. A stream may end once all rows within the image are there.
fn decode_encoded(
    codec: &dyn Codec,
    spec: &BlockSpec<'_>,
    src: &[u8],
    scratch: &mut Scratch,
    encoded: &mut [u8],
) -> Result<Decoded> {
    match codec.decode(spec, src, scratch, encoded) {
        Err(Error::Short { got, .. }) if spec.packed_chroma().is_none() && got >= used_len(spec)? => {
            encoded.get_mut(got..).unwrap_or_default().fill(0);
            Ok(Decoded::default())
        }
        result => result,
    }
}

/// Encoded bytes of the rows within the image; at least one.
fn used_len(spec: &BlockSpec<'_>) -> Result<usize> {
    Ok(spec.encoded_row_len()?.saturating_mul(spec.rows_used.clamp(1, spec.height.max(1)) as usize))
}

fn with_heeded_predictor<'a>(codec: &dyn Codec, spec: &BlockSpec<'a>) -> BlockSpec<'a> {
    let predictor = if codec.heeds_predictor() { spec.predictor } else { Predictor::None };
    BlockSpec { predictor, ..*spec }
}

/// Byte order first, then differences: they are of whole numbers.
fn undo_in_place(spec: &BlockSpec<'_>, samples: &mut [u8]) -> Result<()> {
    byte_swap::to_native(spec, samples);
    if spec.predictor == Predictor::Horizontal
        && let Some(size) = spec.sample_bytes()
    {
        predictor::horizontal(samples, spec.encoded_row_len()?, usize::from(spec.samples), size);
    }
    Ok(())
}

/// Byte planes carry their own order, whatever the file's.
fn gather_planes(spec: &BlockSpec<'_>, encoded: &mut [u8], out: &mut [u8]) -> Result<()> {
    if let Some(size) = spec.sample_bytes() {
        predictor::floating_point(encoded, out, spec.encoded_row_len()?, usize::from(spec.samples), size);
    }
    Ok(())
}
