//! Old-style JPEG: its tags in one go, then a block with the header they give.
#![no_main]

use cog_codecs::OldJpeg;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: cog_fuzz::let_others_panic(), |data: &[u8]| {
    // A header made by hand, or whatever else the first bytes hold.
    cog_fuzz::one_block(&[6], data);

    let Some((spec, rest)) = cog_fuzz::describe(&[6], data) else { return };
    // Eleven pieces, each after its length.
    let mut rest = rest;
    let mut piece = || {
        let Some((&[low, high], after)) = rest.split_first_chunk::<2>() else { return &[][..] };
        let len = usize::from(u16::from_le_bytes([low, high])).min(after.len());
        let (piece, after) = after.split_at(len);
        rest = after;
        piece
    };
    let mut tags = OldJpeg::default();
    tags.interchange = piece();
    tags.quantisation = std::array::from_fn(|_| piece());
    tags.dc = std::array::from_fn(|_| piece());
    tags.ac = std::array::from_fn(|_| piece());
    tags.first_block = piece();
    if let Ok(header) = tags.header(&spec) {
        cog_fuzz::one_block_with(&[6], data, &header, tags.first_block);
    }
});
