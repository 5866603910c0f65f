//! GDAL's domain COLOR_PROFILE: an ICC profile, or colorimetry by the tags of TIFF 6.0 section 20.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::gdal::details::Details;
use crate::ifd::Ifd;
use crate::image::Image;
use crate::tag::Tag;
use crate::value::Value;

/// Samples of more bits have no transfer function, as in GDAL's TIFF library.
const MOST_BITS: u16 = 16;

/// The items of the domain. Without primaries and a white point there are none; where they are, a transfer function that is not
/// there is that of gamma 2.2 (TIFF 6.0).
pub(crate) fn items(ifd: &Ifd, image: &Image, details: &Details) -> Vec<(&'static str, String)> {
    if let Some(profile) = details.value(ifd, Tag::ICC_PROFILE).and_then(Value::bytes) {
        return vec![("SOURCE_ICC_PROFILE", STANDARD.encode(profile))];
    }
    let pairs = |tag| ifd.f64s(tag).map(|values| values.into_iter().map(|v| v as f32).collect::<Vec<_>>());
    let (Some(primaries), Some(white)) = (pairs(Tag::PRIMARY_CHROMATICITIES), pairs(Tag::WHITE_POINT)) else {
        return Vec::new();
    };
    let ([rx, ry, gx, gy, bx, by], [wx, wy]) = (primaries.as_slice(), white.as_slice()) else { return Vec::new() };
    let Some(curves) = transfer_functions(ifd, image, details) else { return Vec::new() };
    let place = |x: &f32, y: &f32| format!("{x:.9}, {y:.9}, 1.0");
    let mut items = vec![
        ("SOURCE_PRIMARIES_RED", place(rx, ry)),
        ("SOURCE_PRIMARIES_GREEN", place(gx, gy)),
        ("SOURCE_PRIMARIES_BLUE", place(bx, by)),
        ("SOURCE_WHITEPOINT", place(wx, wy)),
    ];
    const NAMES: [&str; 3] =
        ["TIFFTAG_TRANSFERFUNCTION_RED", "TIFFTAG_TRANSFERFUNCTION_GREEN", "TIFFTAG_TRANSFERFUNCTION_BLUE"];
    let list = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    items.extend(NAMES.into_iter().zip(curves.iter().map(|curve| list(curve))));
    if let Some([a, b, c, d, e, f]) = ifd.value(Tag::TRANSFER_RANGE).and_then(Value::u64s).as_deref() {
        items.push(("TIFFTAG_TRANSFERRANGE_BLACK", format!("{a}, {c}, {e}")));
        items.push(("TIFFTAG_TRANSFERRANGE_WHITE", format!("{b}, {d}, {f}")));
    }
    items
}

/// One curve for each of three colours; `None` for images of one colour.
fn transfer_functions(ifd: &Ifd, image: &Image, details: &Details) -> Option<[Vec<u64>; 3]> {
    if image.bits > MOST_BITS {
        return None;
    }
    let colors = usize::from(image.samples).saturating_sub(image.extra_samples.len());
    let count = 1usize << image.bits;
    let stored = details.value(ifd, Tag::TRANSFER_FUNCTION).and_then(Value::u64s);
    match stored {
        Some(values) if values.len() == 3 * count => {
            let mut curves = values.chunks_exact(count).map(<[u64]>::to_vec);
            Some([curves.next()?, curves.next()?, curves.next()?])
        }
        Some(values) if values.len() == count && colors > 1 => Some([values.clone(), values.clone(), values]),
        Some(values) if values.len() == count => None,
        _ if colors > 1 => {
            let last = (count - 1) as f64;
            let curve: Vec<u64> =
                (0..count).map(|i| (65535.0 * (i as f64 / last).powf(2.2) + 0.5).floor() as u64).collect();
            Some([curve.clone(), curve.clone(), curve])
        }
        _ => None,
    }
}
