//! Any GeoKeys as a CRS: it is read or refused, and what was read is written in every format. Six bytes or more are one key: its
//! number, how it is held, its length, and its value.
#![no_main]

use cog_crs::Crs;
use cog_tiff::{GeoKey, GeoKeyValue, GeoKeys};
use libfuzzer_sys::fuzz_target;

fn keys(mut data: &[u8]) -> Option<GeoKeys> {
    let (minor, rest) = data.split_first()?;
    data = rest;
    let mut list = Vec::new();
    while let Some((&[low, high, kind, length], rest)) = data.split_first_chunk::<4>() {
        let length = usize::from(length).min(rest.len());
        let (value, rest) = rest.split_at(length);
        data = rest;
        // Most numbers name no key: half of them are folded into those that do.
        let number = u16::from_le_bytes([low, high]);
        let number = if high & 1 == 0 { 1024 * (1 + u16::from(high % 8 / 2)) + u16::from(low % 64) } else { number };
        let value = match kind % 3 {
            0 => GeoKeyValue::Short(value.first_chunk().map_or(32767, |b| u16::from_le_bytes(*b))),
            1 => GeoKeyValue::Doubles(value.chunks_exact(8).filter_map(|b| b.try_into().ok()).map(f64::from_le_bytes).collect()),
            _ => GeoKeyValue::Text(String::from_utf8_lossy(value).into_owned()),
        };
        list.push((GeoKey(number), value));
    }
    Some(GeoKeys::from_keys((1, u16::from(minor & 1)), list))
}

fuzz_target!(|data: &[u8]| {
    let Some(keys) = keys(data) else { return };
    let Ok(Some(crs)) = Crs::from_geo_keys(&keys) else { return };
    _ = (crs.authority(), crs.to_wkt1(), crs.to_wkt2(), crs.to_projjson());
    if let Ok(written) = crs.to_geo_keys() {
        _ = Crs::from_geo_keys(&written);
    }
});
