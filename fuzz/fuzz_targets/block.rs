//! Any bytes as one compressed block: the first bytes choose codec and layout, the rest is the stream.
#![no_main]

use std::sync::OnceLock;

use cog_codecs::{BlockSpec, Codecs, ColorView, Scratch};
use cog_tiff::{ByteOrder, Compression, FillOrder, Photometric, Predictor, SampleFormat};
use libfuzzer_sys::fuzz_target;

const COMPRESSIONS: [u16; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 34712, 34887, 34925, 50000, 50001, 50002];
const BITS: [u16; 16] = [1, 2, 3, 4, 7, 8, 8, 8, 10, 12, 16, 16, 24, 32, 64, 128];

fuzz_target!(|data: &[u8]| {
    let Some((head, stream)) = data.split_at_checked(10) else { return };
    let at = |i: usize| head.get(i).copied().unwrap_or(0);
    let pick = |i: usize, from: &[u16]| from.get(usize::from(at(i)) % from.len()).copied().unwrap_or(1);
    let compression = Compression::from_code(pick(0, &COMPRESSIONS));
    let mut spec = BlockSpec::new(
        u32::from(at(1)) + 1,
        u32::from(at(2)) + 1,
        u16::from(at(3) % 6) + 1,
        pick(4, &BITS),
        SampleFormat::from_code(u16::from(at(5) % 7)),
        compression,
    );
    spec.predictor = Predictor::from_code(u16::from(at(6) % 4));
    spec.photometric = Photometric::from_code(u16::from(at(7) % 11));
    spec.byte_order = if at(8) & 1 == 0 { ByteOrder::Little } else { ByteOrder::Big };
    spec.fill_order = FillOrder::from_code(u16::from(at(8) >> 1 & 1) + 1);
    spec.color_view = if at(8) & 4 == 0 { ColorView::Gdal } else { ColorView::Raw };
    spec.ycbcr_subsampling = (1 << (at(8) >> 3 & 1), 1 << (at(8) >> 4 & 1));
    spec.lerc_parameters = Some([4, u32::from(at(9) % 3)]);
    spec.t4_options = u32::from(at(9) & 7);
    let Ok(len) = spec.output_len() else { return };
    static CODECS: OnceLock<Codecs> = OnceLock::new();
    let codecs = CODECS.get_or_init(Codecs::default);
    let mut out = vec![0; len];
    _ = codecs.decode_block(&spec, stream, &mut Scratch::new(), &mut out);
});
