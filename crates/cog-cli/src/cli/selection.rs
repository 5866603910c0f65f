//! Which samples a command reads.

use clap::Args;

/// Which samples.
#[derive(Args, Debug)]
pub(crate) struct Selection {
    /// Bands to read, counted from 1, in this order.
    #[arg(long, value_name = "1,3", value_delimiter = ',')]
    pub(crate) bands: Option<Vec<usize>>,
    /// Read samples as stored where GDAL would convert colours (8-bit CMYK, CIELab, YCbCr that is not JPEG).
    #[arg(long)]
    pub(crate) raw_color: bool,
    /// Read this page of a multi-page file, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) page: usize,
}
