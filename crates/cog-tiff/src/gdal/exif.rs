//! Exif and GPS directories in GDAL's words: the names and the wording of its domain EXIF.

use crate::gdal::printf::general;
use crate::ifd::Ifd;
use crate::tag::Tag;
use crate::value::{Value, decode_text};

/// The version, comments and notes are text though their type says "undefined".
const TEXTS: [u16; 4] = [0x9000, 0x927c, USER_COMMENT, 0xa000];
/// Starts with eight bytes that name its character set.
const USER_COMMENT: u16 = 0x9286;

/// The items of a directory; tags without a name are left out.
pub(crate) fn items(ifd: &Ifd, gps: bool) -> Vec<(String, String)> {
    let names = if gps { &GPS[..] } else { &EXIF[..] };
    let mut items = Vec::new();
    for (entry, value) in ifd.tags() {
        let name = names.binary_search_by_key(&entry.tag.0, |(code, _)| *code).ok().and_then(|i| names.get(i));
        if let (Some((_, name)), Some(value)) = (name, value) {
            items.push((format!("EXIF_{name}"), worded(entry.tag, value)));
        }
    }
    items
}

fn worded(tag: Tag, value: &Value) -> String {
    fn all<T>(values: &[T], word: impl Fn(&T) -> String) -> String {
        values.iter().map(word).collect::<Vec<_>>().join(" ")
    }
    let text = |bytes: &[u8]| decode_text(bytes.split(|b| *b == 0).next().unwrap_or(bytes)).trim().to_string();
    let ratio = |n: f64, d: f64| format!("({})", general(if d == 0.0 { 0.0 } else { n / d }, 6));
    match value {
        Value::Ascii(bytes) => text(bytes),
        Value::Bytes(bytes) if tag.0 == USER_COMMENT => text(bytes.get(8..).unwrap_or_default()),
        Value::Bytes(bytes) if TEXTS.contains(&tag.0) => text(bytes),
        Value::Bytes(bytes) => all(bytes, |b| format!("0x{b:02x}")),
        Value::Unsigned(v) => all(v, u64::to_string),
        Value::Signed(v) => all(v, i64::to_string),
        Value::Rational(v) => all(v, |(n, d)| ratio(f64::from(*n), f64::from(*d))),
        Value::SRational(v) => all(v, |(n, d)| ratio(f64::from(*n), f64::from(*d))),
        Value::Float(v) => all(v, |v| general(f64::from(*v), 6)),
        Value::Double(v) => all(v, |v| general(*v, 6)),
    }
}

/// Exif 2.32, table 4 to 8, and tags of the image itself that cameras repeat there; by number.
const EXIF: [(u16, &str); 89] = [
    (0x010d, "Document_Name"),
    (0x010e, "ImageDescription"),
    (0x010f, "Make"),
    (0x0110, "Model"),
    (0x0112, "Orientation"),
    (0x011a, "XResolution"),
    (0x011b, "YResolution"),
    (0x0128, "ResolutionUnit"),
    (0x012d, "TransferFunction"),
    (0x0131, "Software"),
    (0x0132, "DateTime"),
    (0x013b, "Artist"),
    (0x013e, "WhitePoint"),
    (0x013f, "PrimaryChromaticities"),
    (0x0211, "YCbCrCoefficients"),
    (0x0213, "YCbCrPositioning"),
    (0x0214, "ReferenceBlackWhite"),
    (0x8298, "Copyright"),
    (0x829a, "ExposureTime"),
    (0x829d, "FNumber"),
    (0x8822, "ExposureProgram"),
    (0x8824, "SpectralSensitivity"),
    (0x8827, "ISOSpeedRatings"),
    (0x8828, "OECF"),
    (0x8830, "SensitivityType"),
    (0x8831, "StandardOutputSensitivity"),
    (0x8832, "RecommendedExposureIndex"),
    (0x8833, "ISOSpeed"),
    (0x8834, "ISOSpeedLatitudeyyy"),
    (0x8835, "ISOSpeedLatitudezzz"),
    (0x9000, "ExifVersion"),
    (0x9003, "DateTimeOriginal"),
    (0x9004, "DateTimeDigitized"),
    (0x9010, "OffsetTime"),
    (0x9011, "OffsetTimeOriginal"),
    (0x9012, "OffsetTimeDigitized"),
    (0x9101, "ComponentsConfiguration"),
    (0x9102, "CompressedBitsPerPixel"),
    (0x9201, "ShutterSpeedValue"),
    (0x9202, "ApertureValue"),
    (0x9203, "BrightnessValue"),
    (0x9204, "ExposureBiasValue"),
    (0x9205, "MaxApertureValue"),
    (0x9206, "SubjectDistance"),
    (0x9207, "MeteringMode"),
    (0x9208, "LightSource"),
    (0x9209, "Flash"),
    (0x920a, "FocalLength"),
    (0x9214, "SubjectArea"),
    (0x927c, "MakerNote"),
    (0x9286, "UserComment"),
    (0x9290, "SubSecTime"),
    (0x9291, "SubSecTime_Original"),
    (0x9292, "SubSecTime_Digitized"),
    (0xa000, "FlashpixVersion"),
    (0xa001, "ColorSpace"),
    (0xa002, "PixelXDimension"),
    (0xa003, "PixelYDimension"),
    (0xa004, "RelatedSoundFile"),
    (0xa20b, "FlashEnergy"),
    (0xa20c, "SpatialFrequencyResponse"),
    (0xa20e, "FocalPlaneXResolution"),
    (0xa20f, "FocalPlaneYResolution"),
    (0xa210, "FocalPlaneResolutionUnit"),
    (0xa214, "SubjectLocation"),
    (0xa215, "ExposureIndex"),
    (0xa217, "SensingMethod"),
    (0xa300, "FileSource"),
    (0xa301, "SceneType"),
    (0xa302, "CFAPattern"),
    (0xa401, "CustomRendered"),
    (0xa402, "ExposureMode"),
    (0xa403, "WhiteBalance"),
    (0xa404, "DigitalZoomRatio"),
    (0xa405, "FocalLengthIn35mmFilm"),
    (0xa406, "SceneCaptureType"),
    (0xa407, "GainControl"),
    (0xa408, "Contrast"),
    (0xa409, "Saturation"),
    (0xa40a, "Sharpness"),
    (0xa40b, "DeviceSettingDescription"),
    (0xa40c, "SubjectDistanceRange"),
    (0xa420, "ImageUniqueID"),
    (0xa430, "CameraOwnerName"),
    (0xa431, "BodySerialNumber"),
    (0xa432, "LensSpecification"),
    (0xa433, "LensMake"),
    (0xa434, "LensModel"),
    (0xa435, "LensSerialNumber"),
];

const GPS: [(u16, &str); 32] = [
    (0x00, "GPSVersionID"),
    (0x01, "GPSLatitudeRef"),
    (0x02, "GPSLatitude"),
    (0x03, "GPSLongitudeRef"),
    (0x04, "GPSLongitude"),
    (0x05, "GPSAltitudeRef"),
    (0x06, "GPSAltitude"),
    (0x07, "GPSTimeStamp"),
    (0x08, "GPSSatellites"),
    (0x09, "GPSStatus"),
    (0x0a, "GPSMeasureMode"),
    (0x0b, "GPSDOP"),
    (0x0c, "GPSSpeedRef"),
    (0x0d, "GPSSpeed"),
    (0x0e, "GPSTrackRef"),
    (0x0f, "GPSTrack"),
    (0x10, "GPSImgDirectionRef"),
    (0x11, "GPSImgDirection"),
    (0x12, "GPSMapDatum"),
    (0x13, "GPSDestLatitudeRef"),
    (0x14, "GPSDestLatitude"),
    (0x15, "GPSDestLongitudeRef"),
    (0x16, "GPSDestLongitude"),
    (0x17, "GPSDestBearingRef"),
    (0x18, "GPSDestBearing"),
    (0x19, "GPSDestDistanceRef"),
    (0x1a, "GPSDestDistance"),
    (0x1b, "GPSProcessingMethod"),
    (0x1c, "GPSAreaInformation"),
    (0x1d, "GPSDateStamp"),
    (0x1e, "GPSDifferential"),
    (0x1f, "GPSHPositioningError"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_their_numbers() {
        for names in [&EXIF[..], &GPS[..]] {
            assert!(names.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }

    /// What rasterio 1.4.4 (GDAL 3.10.3) reads.
    #[test]
    fn values_are_worded_as_gdal_words_them() {
        let word = |tag, value| worded(Tag(tag), &value);
        assert_eq!(word(0x829a, Value::Rational(vec![(1, 125)])), "(0.008)");
        assert_eq!(word(0xa432, Value::Rational(vec![(1, 3), (200, 1), (0, 0), (7, 2)])), "(0.333333) (200) (0) (3.5)");
        assert_eq!(word(0x9204, Value::SRational(vec![(-1, 3)])), "(-0.333333)");
        assert_eq!(word(0x9101, Value::Bytes(vec![1, 2, 3, 0])), "0x01 0x02 0x03 0x00");
        assert_eq!(word(0x9286, Value::Bytes(b"ASCII\0\0\0hello".to_vec())), "hello");
        assert_eq!(word(0x9000, Value::Bytes(b"0231".to_vec())), "0231");
        assert_eq!(word(0x9292, Value::Ascii(b"  x  \0".to_vec())), "x");
        assert_eq!(word(0x8827, Value::Unsigned(vec![100, 200])), "100 200");
    }
}
