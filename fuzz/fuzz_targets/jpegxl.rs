//! A JPEG XL picture.
#![no_main]

cog_fuzz::codec_target!(50002);
