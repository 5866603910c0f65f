//! CCITT run lengths, Group 3 and Group 4.
#![no_main]

cog_fuzz::codec_target!(2, 3, 4, 32771);
