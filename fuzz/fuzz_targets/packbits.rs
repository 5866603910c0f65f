//! PackBits.
#![no_main]

cog_fuzz::codec_target!(32773);
