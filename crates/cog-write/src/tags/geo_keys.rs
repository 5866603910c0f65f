//! GeoKeys as tags: GeoTIFF 1.1 section 7.1.

use cog_tiff::{GeoKeyValue, GeoKeys, Tag, Value};

/// The directory of GeoKeys and its parameters as tags, keys in ascending order. Texts that are not ASCII lose what is not.
pub fn geo_key_tags(keys: &GeoKeys) -> Vec<(Tag, Value)> {
    let mut sorted: Vec<_> = keys.iter().collect();
    sorted.sort_by_key(|(key, _)| *key);
    let (major, minor) = keys.revision();
    let mut directory: Vec<u64> = vec![1, u64::from(major), u64::from(minor), sorted.len() as u64];
    let (mut doubles, mut ascii) = (Vec::new(), Vec::new());
    for (key, value) in sorted {
        let (location, count, at) = match value {
            GeoKeyValue::Short(value) => (0, 1, u64::from(*value)),
            GeoKeyValue::Doubles(values) => {
                let at = doubles.len() as u64;
                doubles.extend_from_slice(values);
                (u64::from(Tag::GEO_DOUBLE_PARAMS.0), values.len() as u64, at)
            }
            GeoKeyValue::Text(text) => {
                let at = ascii.len() as u64;
                ascii.extend(text.chars().filter(|c| c.is_ascii() && *c != '\0').map(|c| c as u8));
                ascii.push(b'|');
                (u64::from(Tag::GEO_ASCII_PARAMS.0), ascii.len() as u64 - at, at)
            }
            _ => continue,
        };
        directory.extend([u64::from(key.0), location, count, at]);
    }
    let mut tags = vec![(Tag::GEO_KEY_DIRECTORY, Value::Unsigned(directory))];
    if !doubles.is_empty() {
        tags.push((Tag::GEO_DOUBLE_PARAMS, Value::Double(doubles)));
    }
    if !ascii.is_empty() {
        ascii.push(0);
        tags.push((Tag::GEO_ASCII_PARAMS, Value::Ascii(ascii)));
    }
    tags
}
