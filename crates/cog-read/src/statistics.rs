//! Statistics of bands.
