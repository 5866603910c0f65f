//! LZW: the decoder of cog-codecs and weezl fill the same blocks with the same bytes.
#![no_main]

use cog_codecs::{BlockSpec, Codecs, Scratch};
use cog_tiff::{Compression, SampleFormat};
use libfuzzer_sys::fuzz_target;
use weezl::BitOrder;
use weezl::decode::Configuration;

fuzz_target!(|data: &[u8]| {
    cog_fuzz::one_block(&[5], data);

    let Some((&[low, high], src)) = data.split_first_chunk::<2>() else { return };
    let spec = BlockSpec::new(u16::from_le_bytes([low, high]).into(), 1, 1, 8, SampleFormat::Uint, Compression::Lzw);
    let mut ours = vec![0; spec.width as usize];
    let result = Codecs::default().decode_block(&spec, src, &mut Scratch::new(), &mut ours);
    // Streams of the old bit order go to weezl in any case.
    if !matches!(src, [0, second, ..] if second & 1 == 1) {
        let mut theirs = vec![0; ours.len()];
        let full = weezl_fills(src, &mut theirs);
        assert_eq!(result.is_ok(), full, "{result:?}");
        assert!(!full || ours == theirs, "other bytes");
    }
});

fn weezl_fills(mut src: &[u8], out: &mut [u8]) -> bool {
    let mut decoder = Configuration::with_tiff_size_switch(BitOrder::Msb, 8).with_yield_on_full_buffer(true).build();
    let mut out = out;
    let mut idle = 0;
    while !out.is_empty() {
        let step = decoder.decode_bytes(src, out);
        src = src.get(step.consumed_in..).unwrap_or_default();
        out = out.get_mut(step.consumed_out..).unwrap_or_default();
        if out.is_empty() {
            break;
        }
        // Two clear codes in a row make a call that neither takes nor gives.
        idle = if (step.consumed_in, step.consumed_out) == (0, 0) { idle + 1 } else { 0 };
        if step.status.is_err() || decoder.has_ended() || idle > 3 {
            return false;
        }
    }
    true
}
