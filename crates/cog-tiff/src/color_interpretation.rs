//! What a band shows, in rasterio's words.

/// What a band shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum ColorInterpretation {
    Undefined,
    Gray,
    Palette,
    Red,
    Green,
    Blue,
    Alpha,
    Cyan,
    Magenta,
    Yellow,
    Black,
    /// Another of GDAL's names, in lower case ("nir", "hue" …).
    Named(String),
}

impl ColorInterpretation {
    /// rasterio's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Undefined => "undefined",
            Self::Gray => "gray",
            Self::Palette => "palette",
            Self::Red => "red",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Alpha => "alpha",
            Self::Cyan => "cyan",
            Self::Magenta => "magenta",
            Self::Yellow => "yellow",
            Self::Black => "black",
            Self::Named(name) => name,
        }
    }

    pub(crate) fn from_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "undefined" => Self::Undefined,
            "gray" => Self::Gray,
            "palette" => Self::Palette,
            "red" => Self::Red,
            "green" => Self::Green,
            "blue" => Self::Blue,
            "alpha" => Self::Alpha,
            "cyan" => Self::Cyan,
            "magenta" => Self::Magenta,
            "yellow" => Self::Yellow,
            "black" => Self::Black,
            "ycbcr_y" => Self::Named("Y".to_string()),
            "ycbcr_cb" => Self::Named("Cb".to_string()),
            "ycbcr_cr" => Self::Named("Cr".to_string()),
            "otherir" => Self::Named("other_ir".to_string()),
            "nir" | "swir" | "mwir" | "lwir" | "tir" | "coastal" | "rededge" | "pan" | "hue" | "saturation"
            | "lightness" | "sar_ka" | "sar_k" | "sar_ku" | "sar_x" | "sar_c" | "sar_s" | "sar_l" | "sar_p" => {
                Self::Named(name.to_ascii_lowercase())
            }
            _ => Self::Undefined,
        }
    }

    /// True for the names that GDAL knows, in any case.
    pub(crate) fn is_name(name: &str) -> bool {
        name.eq_ignore_ascii_case("undefined") || Self::from_name(name) != Self::Undefined
    }
}
