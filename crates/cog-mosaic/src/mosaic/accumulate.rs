//! From the layers of sources, one after the other, to the pixels of the mosaic.

mod counts;
mod picked;
pub(super) mod shape;
mod stack;
mod sums;

use cog_raster::{Sample, SampleType, dispatch};

use super::selection::PixelSelection;
use crate::error::{MosaicError, Result};
use shape::{Accumulate, Shape};

/// What makes pixels of this type by this selection.
///
/// # Errors
/// Selections that compare samples, of complex ones.
pub(super) fn accumulator(
    selection: PixelSelection,
    sample_type: SampleType,
    shape: Shape,
) -> Result<Box<dyn Accumulate>> {
    let compares = !matches!(
        selection,
        PixelSelection::First
            | PixelSelection::Last
            | PixelSelection::Mean
            | PixelSelection::Sum
            | PixelSelection::Count
    );
    if compares && matches!(sample_type, SampleType::Complex32 | SampleType::Complex64) {
        return Err(MosaicError::ComplexSelection { selection: selection.to_string(), sample_type }.into());
    }
    dispatch!(sample_type, T => Ok(of::<T>(selection, shape)), _ => Err(cog_warp::Error::SampleType { sample_type }.into()))
}

fn of<T: Sample>(selection: PixelSelection, shape: Shape) -> Box<dyn Accumulate> {
    use picked::{Picked, Rule};
    use sums::{Of, Sums};
    match selection {
        PixelSelection::First | PixelSelection::Last => Box::new(Picked::<T>::new(Rule::First, shape)),
        PixelSelection::Highest => Box::new(Picked::<T>::new(Rule::Highest, shape)),
        PixelSelection::Lowest => Box::new(Picked::<T>::new(Rule::Lowest, shape)),
        PixelSelection::LastBandHighest => Box::new(Picked::<T>::new(Rule::LastBandHighest, shape)),
        PixelSelection::LastBandLowest => Box::new(Picked::<T>::new(Rule::LastBandLowest, shape)),
        PixelSelection::Mean => Box::new(Sums::<T>::new(Of::Mean, shape)),
        PixelSelection::Sum => Box::new(Sums::<T>::new(Of::Sum, shape)),
        PixelSelection::StandardDeviation => Box::new(Sums::<T>::new(Of::Deviation, shape)),
        PixelSelection::Median => Box::new(stack::Stack::<T>::new(shape)),
        PixelSelection::Count => Box::new(counts::Counts::new(shape)),
    }
}
