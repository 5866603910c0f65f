//! Tile matrix sets as JSON: version 2.0 (OGC 17-083r4) in and out, version 1.0 (OGC 17-083r2) in.

mod read;
mod write;

use super::set::TileMatrixSet;
use crate::crs::Crs;

/// The words by which a first axis is known to run north; morecantile's.
const NORTHWARD: [&str; 3] = ["Y", "LAT", "N"];

/// True for names of axes of which the first is northing or latitude.
fn is_northward(axes: &[String; 2]) -> bool {
    NORTHWARD.iter().any(|word| axes[0].eq_ignore_ascii_case(word))
}

impl TileMatrixSet {
    /// True if `pointOfOrigin` has northing or latitude first: by the set's names of axes, else by its CRS.
    fn is_north_first(&self) -> bool {
        self.about.ordered_axes.as_ref().map_or_else(|| self.crs.is_north_first(), is_northward)
    }
}

/// Names of the axes of a CRS from which every reader takes the order that the CRS has. Gauss-Krüger calls its northing X, which
/// readers that go by names take for an easting.
pub(super) fn axes_of(crs: &Crs) -> [String; 2] {
    let north_first = crs.is_north_first();
    if let [first, second, ..] = crs.axes().as_slice() {
        let names = [first.abbreviation.clone(), second.abbreviation.clone()];
        if names.iter().all(|name| !name.is_empty()) && is_northward(&names) == north_first {
            return names;
        }
    }
    let names = if north_first { ["N", "E"] } else { ["E", "N"] };
    names.map(str::to_string)
}
