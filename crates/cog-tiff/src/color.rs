//! What the samples of a pixel mean: photometric interpretation and extra samples.

/// Tag 262, TIFF 6.0 section 8 and later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Photometric {
    /// 0: gray, 0 is white. Values are never inverted here.
    MinIsWhite,
    /// 1: gray, 0 is black.
    MinIsBlack,
    /// 2
    Rgb,
    /// 3: an index into the colour map.
    Palette,
    /// 4: a transparency mask.
    Mask,
    /// 5: separated inks, usually CMYK.
    Separated,
    /// 6
    YCbCr,
    /// 8: CIE L*a*b* (TIFF 6.0 section 23).
    CieLab,
    /// 9
    IccLab,
    /// 10
    ItuLab,
    /// Any other number.
    Other(u16),
}

impl Photometric {
    /// From the tag's value.
    pub fn from_code(code: u16) -> Self {
        match code {
            0 => Self::MinIsWhite,
            1 => Self::MinIsBlack,
            2 => Self::Rgb,
            3 => Self::Palette,
            4 => Self::Mask,
            5 => Self::Separated,
            6 => Self::YCbCr,
            8 => Self::CieLab,
            9 => Self::IccLab,
            10 => Self::ItuLab,
            n => Self::Other(n),
        }
    }

    /// The tag's value.
    pub fn code(self) -> u16 {
        match self {
            Self::MinIsWhite => 0,
            Self::MinIsBlack => 1,
            Self::Rgb => 2,
            Self::Palette => 3,
            Self::Mask => 4,
            Self::Separated => 5,
            Self::YCbCr => 6,
            Self::CieLab => 8,
            Self::IccLab => 9,
            Self::ItuLab => 10,
            Self::Other(n) => n,
        }
    }

    /// How many samples of a pixel the interpretation itself uses; the rest are extra.
    pub fn color_channels(self) -> u16 {
        match self {
            Self::Rgb | Self::YCbCr | Self::CieLab | Self::IccLab | Self::ItuLab => 3,
            Self::Separated => 4,
            _ => 1,
        }
    }

    /// How many samples libtiff takes for colours before it calls the rest extra, whatever ExtraSamples says; `None`
    /// where it does not know.
    pub(crate) fn most_channels(self) -> Option<u16> {
        match self {
            Self::Mask => Some(4),
            Self::Other(_) => None,
            known => Some(known.color_channels()),
        }
    }
}

/// One value of tag 338, TIFF 6.0 section 18.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExtraSample {
    /// 0, and every value that TIFF does not define.
    Unspecified,
    /// 1: alpha, colours are premultiplied with it.
    AssociatedAlpha,
    /// 2: alpha, colours are not. 999 too, which a program of Corel's wrote (libtiff).
    UnassociatedAlpha,
}

impl ExtraSample {
    /// From the tag's value.
    pub fn from_code(code: u16) -> Self {
        match code {
            1 => Self::AssociatedAlpha,
            2 | 999 => Self::UnassociatedAlpha,
            _ => Self::Unspecified,
        }
    }

    /// True for both kinds of alpha.
    pub fn is_alpha(self) -> bool {
        self != Self::Unspecified
    }
}
