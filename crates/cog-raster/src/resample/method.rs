//! Names of the resampling methods.

use std::fmt;
use std::str::FromStr;

/// How source pixels become output pixels when a read changes the resolution. Results are GDAL's (checked against 3.10).
///
/// The four kernels and their widths come from GDAL's `-r` documentation; when an image is reduced they widen by the
/// ratio, so every source pixel counts.
///
/// GDAL resamples complex samples by its warper, and so do these: where an image is reduced, a ratio within 0.05 of a whole number
/// counts as that number for the width of a kernel; the cubic spline is not cut at its radius; gauss is nearest; rms takes the
/// real and the imaginary parts each on their own. Two things are not GDAL's: where an image is enlarged GDAL makes output pixels
/// near its edge bilinear instead of cubic, and its Lanczos has taps beyond its radius.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resampling {
    /// The source pixel under the centre of the output pixel.
    #[default]
    Nearest,
    /// Triangle of radius 1.
    Bilinear,
    /// Catmull-Rom (a = -0.5), radius 2.
    Cubic,
    /// Cubic B-spline, radius 2.
    CubicSpline,
    /// sinc windowed by sinc, radius 3.
    Lanczos,
    /// Mean of the pixels under the output pixel, weighted by the area covered.
    Average,
    /// The value that occurs most often under the output pixel; of several the one that is complete first, row by row.
    Mode,
    /// Root of the mean of squares, weighted by the area covered.
    Rms,
    /// Binomial blur of 3, 5 or 7 pixels around the centre of the output pixel.
    Gauss,
}

impl Resampling {
    /// Every method.
    pub const ALL: [Resampling; 9] = [
        Resampling::Nearest,
        Resampling::Bilinear,
        Resampling::Cubic,
        Resampling::CubicSpline,
        Resampling::Lanczos,
        Resampling::Average,
        Resampling::Mode,
        Resampling::Rms,
        Resampling::Gauss,
    ];

    /// `nearest`, `bilinear`, `cubic`, `cubic-spline`, `lanczos`, `average`, `mode`, `rms`, `gauss`.
    pub fn name(self) -> &'static str {
        match self {
            Resampling::Nearest => "nearest",
            Resampling::Bilinear => "bilinear",
            Resampling::Cubic => "cubic",
            Resampling::CubicSpline => "cubic-spline",
            Resampling::Lanczos => "lanczos",
            Resampling::Average => "average",
            Resampling::Mode => "mode",
            Resampling::Rms => "rms",
            Resampling::Gauss => "gauss",
        }
    }

    /// The method to use for an image. Numbers of palette colours cannot be mixed: the four kernels fall back to nearest, as in
    /// GDAL, and so does gauss. Average and rms mix the colours and look for the palette's closest, as GDAL does.
    pub fn for_image(self, palette: bool) -> Resampling {
        let falls_back = self.is_kernel() || self == Resampling::Gauss;
        if palette && falls_back { Resampling::Nearest } else { self }
    }

    /// True for the four kernels.
    pub fn is_kernel(self) -> bool {
        self.radius().is_some()
    }

    /// Radius of the kernel in source pixels at full size, if the method is one of the four kernels.
    pub(crate) fn radius(self) -> Option<f64> {
        match self {
            Resampling::Bilinear => Some(1.0),
            Resampling::Cubic | Resampling::CubicSpline => Some(2.0),
            Resampling::Lanczos => Some(3.0),
            _ => None,
        }
    }

    /// Kernels with negative weights need a run of valid pixels, not just any.
    pub(crate) fn needs_run(self) -> bool {
        matches!(self, Resampling::Cubic | Resampling::Lanczos)
    }
}

impl fmt::Display for Resampling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is none of the methods'.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a resampling method (nearest, bilinear, cubic, cubic-spline, lanczos, average, mode, rms, gauss)"
)]
pub struct UnknownResampling(String);

impl FromStr for Resampling {
    type Err = UnknownResampling;

    /// Case and the sign between words do not matter; `cubicspline` is GDAL's spelling.
    fn from_str(name: &str) -> Result<Self, UnknownResampling> {
        let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
        let found = Resampling::ALL.into_iter().find(|method| {
            method.name().chars().filter(|c| *c != '-').eq(plain.chars().map(|c| c.to_ascii_lowercase()))
        });
        found.ok_or_else(|| UnknownResampling(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for method in Resampling::ALL {
            assert_eq!(method.to_string().parse(), Ok(method));
        }
        assert_eq!("CubicSpline".parse(), Ok(Resampling::CubicSpline));
        assert_eq!("cubic_spline".parse(), Ok(Resampling::CubicSpline));
        assert!("cubist".parse::<Resampling>().is_err());
    }

    #[test]
    fn palette_numbers_are_never_mixed() {
        assert_eq!(Resampling::Cubic.for_image(true), Resampling::Nearest);
        assert_eq!(Resampling::Gauss.for_image(true), Resampling::Nearest);
        assert_eq!(Resampling::Mode.for_image(true), Resampling::Mode);
        assert_eq!(Resampling::Average.for_image(false), Resampling::Average);
    }
}
