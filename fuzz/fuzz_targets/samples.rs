//! All that follows a codec: byte order, predictors, packed depths, short floats, subsampled chroma, colours.
#![no_main]

use std::sync::{Arc, OnceLock};

use cog_codecs::{BlockSpec, Codec, Codecs, Decoded, Error, Result, Scratch};
use libfuzzer_sys::fuzz_target;

/// Takes the bytes as they are, over and over if there are too few; heeds predictors.
struct Repeated;

impl Codec for Repeated {
    fn decode(&self, _spec: &BlockSpec<'_>, src: &[u8], _scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        if src.is_empty() {
            return Err(Error::Short { codec: "none", got: 0, want: out.len() });
        }
        for (to, from) in out.iter_mut().zip(src.iter().cycle()) {
            *to = *from;
        }
        Ok(Decoded::default())
    }

    fn heeds_predictor(&self) -> bool {
        true
    }
}

fuzz_target!(|data: &[u8]| {
    static CODECS: OnceLock<Codecs> = OnceLock::new();
    let codecs = CODECS.get_or_init(|| {
        let mut codecs = Codecs::default();
        codecs.register(65000, Arc::new(Repeated));
        codecs
    });
    cog_fuzz::one_block_by(codecs, &[1, 65000], data);
});
