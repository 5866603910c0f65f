//! JPEG, with and without tables of tag 347.
#![no_main]

cog_fuzz::codec_target!(7);
