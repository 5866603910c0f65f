//! A ZSTD frame.
#![no_main]

cog_fuzz::codec_target!(50000);
