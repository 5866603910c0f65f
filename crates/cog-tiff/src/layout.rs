//! How the samples of a block lie in its bytes: planes, bit order, predictor.

/// Tag 284, TIFF 6.0 section 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlanarConfiguration {
    /// 1: all samples of a pixel lie together ("pixel interleaved"). The default.
    Chunky,
    /// 2: each sample has its own blocks ("band interleaved").
    Planar,
    /// A value that TIFF does not define.
    Other(u16),
}

impl PlanarConfiguration {
    /// From the tag's value.
    pub fn from_code(code: u16) -> Self {
        match code {
            1 => Self::Chunky,
            2 => Self::Planar,
            n => Self::Other(n),
        }
    }
}

/// Tag 266, TIFF 6.0 section 8: which bit of a byte comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FillOrder {
    /// 1: the most significant bit first. The default.
    MsbFirst,
    /// 2: the least significant bit first.
    LsbFirst,
}

impl FillOrder {
    /// From the tag's value; what TIFF does not define counts as the default, as in libtiff.
    pub fn from_code(code: u16) -> Self {
        if code == 2 { Self::LsbFirst } else { Self::MsbFirst }
    }
}

/// Tag 317, TIFF 6.0 section 14 and Adobe Photoshop TIFF Technical Note 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Predictor {
    /// 1: none. The default.
    None,
    /// 2: horizontal differences of whole samples.
    Horizontal,
    /// 3: byte planes of floating point samples, then byte differences.
    FloatingPoint,
    /// A predictor that this crate does not know.
    Other(u16),
}

impl Predictor {
    /// From the tag's value.
    pub fn from_code(code: u16) -> Self {
        match code {
            1 => Self::None,
            2 => Self::Horizontal,
            3 => Self::FloatingPoint,
            n => Self::Other(n),
        }
    }

    /// The tag's value.
    pub fn code(self) -> u16 {
        match self {
            Self::None => 1,
            Self::Horizontal => 2,
            Self::FloatingPoint => 3,
            Self::Other(n) => n,
        }
    }
}
