//! Ways to make a pixel of the output from pixels of the source.

use std::fmt;
use std::str::FromStr;

/// How a pixel of the output is made from pixels of the source.
///
/// The names are GDAL's (`gdalwarp -r`). Kernels (`Bilinear` to `Lanczos`) look at the surroundings of the place of a pixel's middle. The
/// others take all source pixels that the pixel covers, each by the share of it that is covered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The source pixel in which the middle lies.
    #[default]
    Nearest,
    /// 2 × 2 source pixels, weighted by distance.
    Bilinear,
    /// 4 × 4 source pixels, by Catmull-Rom's cubic (a = -0.5).
    Cubic,
    /// 4 × 4 source pixels, by a cubic B-spline: smooth, blurs.
    CubicSpline,
    /// 6 × 6 source pixels, by a windowed sinc.
    Lanczos,
    /// The mean of what is covered.
    Average,
    /// The value that covers most; of equal ones the first, in rows from the top.
    Mode,
    /// The root of the mean square.
    Rms,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// The middle one of the sorted values, not weighted.
    Median,
    /// The value a quarter up the sorted ones, not weighted.
    FirstQuartile,
    /// The value three quarters up the sorted ones, not weighted.
    ThirdQuartile,
    /// What is covered, added up: sums over areas are kept.
    Sum,
}

/// Methods that weigh the surroundings of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kernel {
    Bilinear,
    Cubic,
    CubicSpline,
    Lanczos,
}

/// Methods that take what a pixel covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Covering {
    Average,
    Mode,
    Rms,
    Min,
    Max,
    Quantile(f64),
    Sum,
}

/// The two kinds of methods, and the one that needs neither.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Nearest,
    Kernel(Kernel),
    Covering(Covering),
}

impl Kind {
    /// What finds the valid pixels of a mask as this finds those of the values.
    pub(crate) fn of_mask(self) -> Kind {
        match self {
            Kind::Covering(_) => Kind::Covering(Covering::Max),
            other => other,
        }
    }
}

impl Method {
    /// All methods, in the order of their names' list.
    pub const ALL: [Method; 14] = [
        Method::Nearest,
        Method::Bilinear,
        Method::Cubic,
        Method::CubicSpline,
        Method::Lanczos,
        Method::Average,
        Method::Mode,
        Method::Rms,
        Method::Min,
        Method::Max,
        Method::Median,
        Method::FirstQuartile,
        Method::ThirdQuartile,
        Method::Sum,
    ];

    pub(crate) fn kind(self) -> Kind {
        match self {
            Method::Nearest => Kind::Nearest,
            Method::Bilinear => Kind::Kernel(Kernel::Bilinear),
            Method::Cubic => Kind::Kernel(Kernel::Cubic),
            Method::CubicSpline => Kind::Kernel(Kernel::CubicSpline),
            Method::Lanczos => Kind::Kernel(Kernel::Lanczos),
            Method::Average => Kind::Covering(Covering::Average),
            Method::Mode => Kind::Covering(Covering::Mode),
            Method::Rms => Kind::Covering(Covering::Rms),
            Method::Min => Kind::Covering(Covering::Min),
            Method::Max => Kind::Covering(Covering::Max),
            Method::Median => Kind::Covering(Covering::Quantile(0.5)),
            Method::FirstQuartile => Kind::Covering(Covering::Quantile(0.25)),
            Method::ThirdQuartile => Kind::Covering(Covering::Quantile(0.75)),
            Method::Sum => Kind::Covering(Covering::Sum),
        }
    }

    /// GDAL's name.
    pub fn name(self) -> &'static str {
        match self {
            Method::Nearest => "nearest",
            Method::Bilinear => "bilinear",
            Method::Cubic => "cubic",
            Method::CubicSpline => "cubicspline",
            Method::Lanczos => "lanczos",
            Method::Average => "average",
            Method::Mode => "mode",
            Method::Rms => "rms",
            Method::Min => "min",
            Method::Max => "max",
            Method::Median => "med",
            Method::FirstQuartile => "q1",
            Method::ThirdQuartile => "q3",
            Method::Sum => "sum",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no method has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' is not a way to warp: {} are", Method::ALL.map(Method::name).join(", "))]
pub struct UnknownMethod {
    /// As it was given.
    pub name: String,
}

impl FromStr for Method {
    type Err = UnknownMethod;

    /// GDAL's and rasterio's names: `near`, `cubic_spline` and `median` are understood too.
    fn from_str(name: &str) -> Result<Method, UnknownMethod> {
        let known = match name {
            "near" => "nearest",
            "cubic_spline" | "cubic-spline" => "cubicspline",
            "median" => "med",
            other => other,
        };
        Method::ALL
            .into_iter()
            .find(|m| m.name() == known)
            .ok_or_else(|| UnknownMethod { name: name.chars().take(40).collect() })
    }
}

impl Kernel {
    /// Whether some of its weights are below 0.
    pub(crate) fn is_signed(self) -> bool {
        matches!(self, Kernel::Cubic | Kernel::Lanczos)
    }

    /// Source pixels on either side that have a weight, before the kernel is widened.
    pub(crate) fn radius(self) -> f64 {
        match self {
            Kernel::Bilinear => 1.0,
            Kernel::Cubic | Kernel::CubicSpline => 2.0,
            Kernel::Lanczos => 3.0,
        }
    }

    /// The weight of a pixel at a distance.
    pub(crate) fn weight(self, distance: f64) -> f64 {
        let d = distance.abs();
        match self {
            Kernel::Bilinear => (1.0 - d).max(0.0),
            Kernel::Cubic if d <= 1.0 => (1.5 * d - 2.5) * d * d + 1.0,
            Kernel::Cubic if d < 2.0 => ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0,
            Kernel::CubicSpline if d <= 1.0 => (0.5 * d - 1.0) * d * d + 2.0 / 3.0,
            Kernel::CubicSpline if d < 2.0 => {
                let far = 2.0 - d;
                far * far * far / 6.0
            }
            Kernel::Lanczos if d == 0.0 => 1.0,
            Kernel::Lanczos if d < 3.0 => {
                let turn = std::f64::consts::PI * d;
                3.0 * turn.sin() * (turn / 3.0).sin() / (turn * turn)
            }
            _ => 0.0,
        }
    }

    /// How much wider the kernel is where an output pixel is `pixels` source pixels long.
    ///
    /// As in GDAL, bilinear and cubic keep their size down to half the source's resolution; the others are wider from full resolution on.
    /// GDAL's kernels jump to twice their size at that place, these grow from there.
    pub(crate) fn widening(self, pixels: f64) -> f64 {
        match self {
            Kernel::Bilinear | Kernel::Cubic => (0.5 * pixels).max(1.0),
            Kernel::CubicSpline | Kernel::Lanczos => pixels.max(1.0),
        }
    }
}
