//! An xz stream.
#![no_main]

cog_fuzz::codec_target!(34925);
