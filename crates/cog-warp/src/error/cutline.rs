//! What can be wrong with a cut-line.

use cog_error::ErrorClass;

/// Why there is no cut-line.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CutlineError {
    /// Text that is not JSON, or JSON that is not GeoJSON.
    #[error("this is no GeoJSON: {problem}")]
    NotGeoJson {
        /// What is wrong, and where.
        problem: String,
    },
    /// Geometry without an inside.
    #[error("a cut-line needs polygons: the geometry is {found}")]
    NoPolygon {
        /// What there is instead.
        found: String,
    },
    /// A ring of less than three corners.
    #[error("ring {ring} of polygon {polygon} has {points} points: 4 are needed, of which the last repeats the first")]
    ShortRing {
        /// From 0, in the order of the text.
        polygon: usize,
        /// From 0; 0 is the outer one.
        ring: usize,
        /// How many it has.
        points: usize,
    },
    /// A ring whose last point is not its first.
    #[error("ring {ring} of polygon {polygon} is not closed: its last point must repeat its first")]
    OpenRing {
        /// From 0, in the order of the text.
        polygon: usize,
        /// From 0; 0 is the outer one.
        ring: usize,
    },
    /// Coordinates that are infinite or not a number.
    #[error("ring {ring} of polygon {polygon} has coordinates that are no finite numbers")]
    NotFinite {
        /// From 0, in the order of the text.
        polygon: usize,
        /// From 0; 0 is the outer one.
        ring: usize,
    },
    /// A ring that crosses itself, so that nobody knows its inside.
    #[error("ring {ring} of polygon {polygon} crosses itself at {},{}", at[0], at[1])]
    CrossingRing {
        /// From 0, in the order of the text.
        polygon: usize,
        /// From 0; 0 is the outer one.
        ring: usize,
        /// x and y.
        at: [f64; 2],
    },
    /// More points than a cut-line may have.
    #[error("the cut-line has more than {limit} points: simplify it first")]
    TooManyPoints {
        /// How many are allowed.
        limit: usize,
    },
    /// A distance that is negative, too large or not a number.
    #[error("{distance} pixels are no distance to blend over: 0 to {limit} are allowed")]
    BlendDistance {
        /// As it was given.
        distance: f64,
        /// The largest one.
        limit: f64,
    },
}

impl CutlineError {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            CutlineError::TooManyPoints { .. } => ErrorClass::Limits,
            _ => ErrorClass::Usage,
        }
    }
}
