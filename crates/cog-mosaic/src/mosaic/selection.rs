//! Which of the pixels at one place counts.

use std::fmt;
use std::str::FromStr;

/// Which pixel a mosaic has where several sources hold data, or what is made of all of them. The rules are those of rio-tiler's
/// `mosaic_reader`.
///
/// Each band of a pixel counts for itself where sources have a validity for each band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PixelSelection {
    /// The first source that holds data, in the order of the sources. Nothing more is fetched once every pixel has one.
    #[default]
    First,
    /// The last source that holds data: the first one, from the end. Nothing more is fetched once every pixel has one.
    Last,
    /// The highest value; of equal ones the first.
    Highest,
    /// The lowest value; of equal ones the first.
    Lowest,
    /// The mean. Of integers its fraction is cut off, as in rio-tiler.
    Mean,
    /// The median; of an even number of values the mean of the middle two. Of integers its fraction is cut off, as in rio-tiler.
    Median,
    /// The standard deviation of the population, as `f64`; where no source holds data NaN, whatever nodata is.
    StandardDeviation,
    /// The sum, cut to the range of the samples' type. (rio-tiler's overflows.)
    Sum,
    /// How many sources hold data in the first band: one band, valid everywhere, of `u8` in a mosaic of up to 255 sources, else `u16` or `u32`.
    Count,
    /// All bands of the source whose last band is highest; of equal ones the first. The last band is not part of the result. Choose and
    /// order bands so that the one that decides comes last. A source whose last band holds no data there decides nothing (in rio-tiler, what
    /// lies below its mask does).
    LastBandHighest,
    /// All bands of the source whose last band is lowest, as [`LastBandHighest`](Self::LastBandHighest).
    LastBandLowest,
}

/// Names, the first of each as it is shown.
const NAMES: [(PixelSelection, &[&str]); 11] = [
    (PixelSelection::First, &["first"]),
    (PixelSelection::Last, &["last"]),
    (PixelSelection::Highest, &["highest", "max"]),
    (PixelSelection::Lowest, &["lowest", "min"]),
    (PixelSelection::Mean, &["mean", "average"]),
    (PixelSelection::Median, &["median", "med"]),
    (PixelSelection::StandardDeviation, &["stdev", "std", "stddev", "standarddeviation"]),
    (PixelSelection::Sum, &["sum"]),
    (PixelSelection::Count, &["count"]),
    (PixelSelection::LastBandHighest, &["lastbandhigh", "lastbandhighest"]),
    (PixelSelection::LastBandLowest, &["lastbandlow", "lastbandlowest"]),
];

impl PixelSelection {
    /// Every selection.
    pub const ALL: [PixelSelection; 11] = [
        PixelSelection::First,
        PixelSelection::Last,
        PixelSelection::Highest,
        PixelSelection::Lowest,
        PixelSelection::Mean,
        PixelSelection::Median,
        PixelSelection::StandardDeviation,
        PixelSelection::Sum,
        PixelSelection::Count,
        PixelSelection::LastBandHighest,
        PixelSelection::LastBandLowest,
    ];

    /// Whether sources that come later cannot change a pixel that is there.
    pub(super) fn stops_when_filled(self) -> bool {
        matches!(self, PixelSelection::First | PixelSelection::Last)
    }

    /// Whether the last band decides, and is not part of the result.
    pub(super) fn is_by_last_band(self) -> bool {
        matches!(self, PixelSelection::LastBandHighest | PixelSelection::LastBandLowest)
    }
}

impl fmt::Display for PixelSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().find(|(selection, _)| selection == self).map_or(&[][..], |(_, names)| names);
        f.write_str(names.first().unwrap_or(&""))
    }
}

/// A name that no selection has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{name}' is not one of first, last, highest, lowest, mean, median, stdev, sum, count, lastbandhigh, lastbandlow"
)]
pub struct UnknownSelection {
    /// What was given.
    pub name: String,
}

impl FromStr for PixelSelection {
    type Err = UnknownSelection;

    /// rio-tiler's names and titiler's, in any case, with or without `-` and `_`.
    fn from_str(name: &str) -> Result<PixelSelection, UnknownSelection> {
        let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_')).collect::<String>().to_ascii_lowercase();
        let plain = plain.strip_suffix("method").unwrap_or(&plain);
        let found = NAMES.iter().find(|(_, names)| names.contains(&plain));
        found.map(|(selection, _)| *selection).ok_or_else(|| UnknownSelection { name: name.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_what_they_name() {
        for selection in PixelSelection::ALL {
            assert_eq!(selection.to_string().parse(), Ok(selection));
        }
        for (name, selection) in [
            ("LastBandHighMethod", PixelSelection::LastBandHighest),
            ("standard-deviation", PixelSelection::StandardDeviation),
            ("last_band_low", PixelSelection::LastBandLowest),
            ("MEDIAN", PixelSelection::Median),
        ] {
            assert_eq!(name.parse(), Ok(selection));
        }
        let error = "best".parse::<PixelSelection>().unwrap_err().to_string();
        assert!(PixelSelection::ALL.iter().all(|s| error.contains(&s.to_string())), "{error}");
    }
}
