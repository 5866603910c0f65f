//! Tag 50844: rational polynomial coefficients (the "RPCs in GeoTIFF" proposal), in GDAL's words.

use crate::gdal::printf::general;
use crate::ifd::Ifd;
use crate::tag::Tag;

const COUNT: usize = 92;
const SCALARS: [&str; 12] = [
    "ERR_BIAS",
    "ERR_RAND",
    "LINE_OFF",
    "SAMP_OFF",
    "LAT_OFF",
    "LONG_OFF",
    "HEIGHT_OFF",
    "LINE_SCALE",
    "SAMP_SCALE",
    "LAT_SCALE",
    "LONG_SCALE",
    "HEIGHT_SCALE",
];
const POLYNOMIALS: [&str; 4] = ["LINE_NUM_COEFF", "LINE_DEN_COEFF", "SAMP_NUM_COEFF", "SAMP_DEN_COEFF"];

/// The items of the domain RPC; none unless the tag holds all 92 numbers.
pub(crate) fn items(ifd: &Ifd) -> Vec<(&'static str, String)> {
    let Some(values) = ifd.f64s(Tag::RPC_COEFFICIENTS).filter(|values| values.len() == COUNT) else {
        return Vec::new();
    };
    let (scalars, coefficients) = values.split_at(SCALARS.len());
    let text = |value: &f64| general(*value, 15);
    let polynomial = |values: &[f64]| values.iter().map(text).collect::<Vec<_>>().join(" ");
    let scalars = SCALARS.into_iter().zip(scalars.iter().map(text));
    scalars.chain(POLYNOMIALS.into_iter().zip(coefficients.chunks_exact(20).map(polynomial))).collect()
}

/// What is wrong with the tag, in a line for people.
pub(crate) fn doubt(ifd: &Ifd) -> Option<String> {
    let count = ifd.entry(Tag::RPC_COEFFICIENTS)?.count;
    (count != COUNT as u64).then(|| format!("RPCCoefficient holds {count} instead of {COUNT} numbers: it is ignored"))
}
