//! A LERC blob, bare, in deflate or in ZSTD.
#![no_main]

cog_fuzz::codec_target!(34887);
