//! Which samples a command reads.

use clap::Args;
use cog_expression::Expression;

/// Which samples.
#[derive(Args, Debug)]
pub(crate) struct Selection {
    /// Bands to read, counted from 1, in this order.
    #[arg(long, value_name = "1,3", value_delimiter = ',')]
    pub(crate) bands: Option<Vec<usize>>,
    /// Band maths instead of bands: (b4-b1)/(b4+b1), where(b1 > 0.2, b1, nan), several by ;. Bands are b1, b2 … and what the file calls them ("near
    /// infrared"); only those that are named are read. Operators are Python's, functions numexpr's. The output is float32; what has no data, is
    /// divided by zero or infinite is NaN, and not valid.
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "bands", allow_hyphen_values = true)]
    pub(crate) expression: Option<Expression>,
    /// Read samples as stored where GDAL would convert colours (8-bit CMYK, CIELab, YCbCr that is not JPEG).
    #[arg(long)]
    pub(crate) raw_color: bool,
    /// The value of pixels without data, instead of what the file says.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) nodata: Option<f64>,
    /// Read this page of a multi-page file, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) page: usize,
}

/// Says a [`Selection`] to a request: requests of all kinds have these words, and no trait in common.
macro_rules! select {
    ($request:expr, $selection:expr) => {{
        let (mut request, selection): (_, &$crate::cli::Selection) = ($request, &$selection);
        if let Some(bands) = &selection.bands {
            request = request.bands(bands.iter().copied());
        }
        if selection.raw_color {
            request = request.raw_color();
        }
        if let Some(nodata) = selection.nodata {
            request = request.nodata(nodata);
        }
        request
    }};
}
pub(crate) use select;
