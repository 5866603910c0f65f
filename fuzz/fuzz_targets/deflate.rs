//! A zlib stream.
#![no_main]

cog_fuzz::codec_target!(8, 32946);
