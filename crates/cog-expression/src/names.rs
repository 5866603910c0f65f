//! Which band a name stands for.

/// Names of bands, and the index of each, from 0, as the caller counts them. One band may have several names.
///
/// ```
/// use cog_expression::BandNames;
///
/// let of_a_file = BandNames::numbered(4); // b1 to b4
/// let of_assets = BandNames::new([("red", 0), ("red_b1", 0), ("nir", 1), ("rgb-10m", 2)]);
/// assert_eq!((of_a_file.find("B4"), of_assets.find("nir"), of_assets.find("b1")), (Some(3), Some(1), None));
/// ```
///
/// A name is found as it is written, else in any upper or lower case: rio-tiler lower-cases expressions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BandNames {
    names: Vec<(String, usize)>,
}

/// What a name leads to.
#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    Band(usize),
    Nothing,
    /// Several bands whose names differ by upper and lower case alone.
    Several(Vec<String>),
}

impl BandNames {
    /// These names. Of names that are the same the first counts.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = (N, usize)>) -> BandNames {
        BandNames { names: names.into_iter().map(|(name, band)| (name.into(), band)).collect() }
    }

    /// `b1` to `bN` for bands 0 to N - 1.
    pub fn numbered(count: usize) -> BandNames {
        BandNames::new((0..count).map(|band| (format!("b{}", band + 1), band)))
    }

    /// One more name; it does not hide those that are there.
    pub fn with(mut self, name: impl Into<String>, band: usize) -> BandNames {
        self.names.push((name.into(), band));
        self
    }

    /// The band of a name; `None` if there is none, or several whose names differ by upper and lower case alone.
    pub fn find(&self, name: &str) -> Option<usize> {
        match self.search(name) {
            Found::Band(band) => Some(band),
            Found::Nothing | Found::Several(_) => None,
        }
    }

    pub(crate) fn search(&self, name: &str) -> Found {
        if let Some((_, band)) = self.names.iter().find(|(known, _)| known == name) {
            return Found::Band(*band);
        }
        let lower = name.to_lowercase();
        let alike: Vec<&(String, usize)> =
            self.names.iter().filter(|(known, _)| known.to_lowercase() == lower).collect();
        match alike.as_slice() {
            [] => Found::Nothing,
            [(_, band), others @ ..] if others.iter().all(|(_, other)| other == band) => Found::Band(*band),
            several => Found::Several(several.iter().map(|(known, _)| known.clone()).collect()),
        }
    }

    /// All of them, each once.
    pub(crate) fn all(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for (name, _) in &self.names {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_counts_only_where_it_tells_bands_apart() {
        let names = BandNames::new([("B8A", 0), ("b8a", 1), ("Red", 2), ("red", 2)]);
        assert_eq!((names.find("B8A"), names.find("b8a"), names.find("RED")), (Some(0), Some(1), Some(2)));
        assert_eq!(names.search("B8a"), Found::Several(vec!["B8A".into(), "b8a".into()]));
        assert_eq!(names.search("blue"), Found::Nothing);
    }
}
