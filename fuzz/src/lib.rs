//! What the targets of single codecs share: a block described by the first bytes of the input, decoded twice.

use std::cell::RefCell;
use std::panic::{PanicHookInfo, set_hook};
use std::sync::OnceLock;

use cog_codecs::{BlockSpec, Codecs, ColorView, Scratch};
use cog_tiff::{ByteOrder, Compression, FillOrder, Photometric, Predictor, SampleFormat};

/// Bytes that describe the block; the rest of the input is its stream. `seeds.py` writes the same.
pub const HEAD: usize = 12;
/// Larger blocks only make the run slow.
const MOST: usize = 1 << 20;

/// The block that the input describes, and its stream. Compression is one of `compressions`.
pub fn describe<'a>(compressions: &[u16], data: &'a [u8]) -> Option<(BlockSpec<'a>, &'a [u8])> {
    let (head, stream) = data.split_first_chunk::<HEAD>()?;
    let &[which, width, height, samples, bits, format, predictor, photometric, flags, options, unused, tables] = head;
    let code = *compressions.get(usize::from(which) % compressions.len())?;
    let mut spec = BlockSpec::new(
        u32::from(width) + 1,
        u32::from(height) + 1,
        u16::from(samples % 8) + 1,
        u16::from(bits),
        SampleFormat::from_code(u16::from(format)),
        Compression::from_code(code),
    );
    spec.predictor = Predictor::from_code(u16::from(predictor));
    spec.photometric = Photometric::from_code(u16::from(photometric));
    spec.byte_order = if flags & 1 == 0 { ByteOrder::Little } else { ByteOrder::Big };
    spec.fill_order = FillOrder::from_code(u16::from(flags >> 1 & 1) + 1);
    spec.color_view = if flags & 4 == 0 { ColorView::Gdal } else { ColorView::Raw };
    spec.ycbcr_subsampling = (1 << (flags >> 3 & 3), 1 << (flags >> 5 & 3));
    // 0 is for streams that have to be recognised.
    spec.lerc_parameters = (options & 3).checked_sub(1).map(|wrapping| [4, u32::from(wrapping)]);
    spec.t4_options = u32::from(options >> 2 & 7);
    spec.t6_options = u32::from(options >> 5 & 3);
    spec.rows_used = spec.height.saturating_sub(u32::from(unused));
    let tables = usize::from(tables) * 4;
    let (tables, stream) = stream.split_at_checked(tables)?;
    spec.jpeg_tables = (!tables.is_empty()).then_some(tables);
    Some((spec, stream))
}

/// Decodes the input as one block, in memory that other blocks have used and in fresh memory: neither what `out` held
/// nor what was decoded before may show.
pub fn one_block(compressions: &[u16], data: &[u8]) {
    static CODECS: OnceLock<Codecs> = OnceLock::new();
    one_block_by(CODECS.get_or_init(Codecs::default), compressions, data);
}

/// As [`one_block`], with codecs of the target's own.
pub fn one_block_by(codecs: &Codecs, compressions: &[u16], data: &[u8]) {
    if let Some((spec, stream)) = describe(compressions, data) {
        twice(codecs, &spec, stream);
    }
}

/// As [`one_block`], with other tables and another stream than those in `data`.
pub fn one_block_with(compressions: &[u16], data: &[u8], tables: &[u8], stream: &[u8]) {
    static CODECS: OnceLock<Codecs> = OnceLock::new();
    if let Some((mut spec, _)) = describe(compressions, data) {
        spec.jpeg_tables = Some(tables);
        twice(CODECS.get_or_init(Codecs::default), &spec, stream);
    }
}

fn twice(codecs: &Codecs, spec: &BlockSpec<'_>, stream: &[u8]) {
    thread_local!(static USED: RefCell<Scratch> = RefCell::default());
    let Some(len) = spec.output_len().ok().filter(|&len| len <= MOST) else { return };
    if codecs.supports(spec).is_err() {
        return;
    }
    let mut out = vec![0; len];
    let result = USED.with_borrow_mut(|scratch| codecs.decode_block(spec, stream, scratch, &mut out));
    let mut again = vec![0xff; len];
    let repeated = codecs.decode_block(spec, stream, &mut Scratch::new(), &mut again);
    // Texts of errors may differ: they tell how far a decoder came.
    assert_eq!(result.as_ref().ok(), repeated.as_ref().ok(), "an earlier block shows");
    assert!(result.is_err() || out == again, "not all of the block was written");
}

/// To be called before a run: a panic within a crate of others, which the codecs catch, does not end it.
pub fn let_others_panic() {
    static ABORTING: OnceLock<Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>> = OnceLock::new();
    _ = ABORTING.set(std::panic::take_hook());
    set_hook(Box::new(|info| {
        let foreign = info.location().is_some_and(|place| place.file().contains("/registry/src/"));
        if let (false, Some(abort)) = (foreign, ABORTING.get()) {
            abort(info);
        }
    }));
}

/// A target of one block whose compression is one of those named.
#[macro_export]
macro_rules! codec_target {
    ($($code:expr),+) => {
        libfuzzer_sys::fuzz_target!(init: cog_fuzz::let_others_panic(), |data: &[u8]| {
            cog_fuzz::one_block(&[$($code),+], data);
        });
    };
}
