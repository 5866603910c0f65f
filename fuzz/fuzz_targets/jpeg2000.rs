//! A JPEG 2000 codestream.
#![no_main]

cog_fuzz::codec_target!(34712);
