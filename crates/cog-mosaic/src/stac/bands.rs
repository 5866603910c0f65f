//! What an item says of the bands of an asset.

use cog_raster::SampleType;
use cog_read::tiff::SampleFormat;
use serde_json::{Map, Value};

/// A band of an asset, as the item describes it: by `bands` of STAC 1.1, else by `raster:bands` and `eo:bands`. Any of it may be left out.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StacBand {
    /// Its name in the item: `B04`.
    pub name: Option<String>,
    /// Its common name: `red`, `nir`.
    pub common_name: Option<String>,
    /// What it shows.
    pub description: Option<String>,
    /// The type of its samples, as cog-read delivers them.
    pub sample_type: Option<SampleType>,
    /// The value of pixels without data; NaN and infinities too.
    pub nodata: Option<f64>,
    /// By which values are multiplied to get what they measure.
    pub scale: Option<f64>,
    /// What is added then.
    pub offset: Option<f64>,
    /// The unit of what they measure.
    pub unit: Option<String>,
}

/// The bands of an asset with these fields, in order; none where the item does not tell.
pub(super) fn bands(asset: &Map<String, Value>, properties: &Map<String, Value>) -> Vec<StacBand> {
    let list = |name: &str| asset.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let (common, raster, eo) = (list("bands"), list("raster:bands"), list("eo:bands"));
    let of_item = properties.get("eo:bands").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    (0..common.len().max(raster.len()).max(eo.len()))
        .map(|index| {
            // Before 1.0 an asset had the places of its bands in the list of the item.
            let eo = eo.get(index).and_then(|band| match band.as_u64() {
                Some(place) => of_item.get(usize::try_from(place).ok()?),
                None => Some(band),
            });
            band(&[common.get(index), raster.get(index), eo], asset)
        })
        .collect()
}

/// One band, from all that is said of it; what is said first counts.
fn band(said: &[Option<&Value>], asset: &Map<String, Value>) -> StacBand {
    let field = |names: &[&str]| names.iter().find_map(|name| said.iter().flatten().find_map(|band| band.get(name)));
    // Of all bands of an asset, in STAC 1.1.
    let shared = |name: &str| field(&[name]).or_else(|| asset.get(name));
    let text = |names: &[&str]| field(names).and_then(Value::as_str).map(str::to_owned);
    let number = |names: &[&str]| field(names).and_then(Value::as_f64);
    StacBand {
        name: text(&["name"]),
        common_name: text(&["eo:common_name", "common_name"]),
        description: text(&["description"]),
        sample_type: shared("data_type").and_then(Value::as_str).and_then(sample_type),
        nodata: shared("nodata").and_then(nodata),
        scale: number(&["raster:scale", "scale"]),
        offset: number(&["raster:offset", "offset"]),
        unit: shared("unit").and_then(Value::as_str).map(str::to_owned),
    }
}

/// `data_type` of the raster extension and of STAC 1.1.
fn sample_type(name: &str) -> Option<SampleType> {
    let kinds = [
        ("uint", SampleFormat::Uint),
        ("int", SampleFormat::Int),
        ("float", SampleFormat::Float),
        ("cint", SampleFormat::ComplexInt),
        ("cfloat", SampleFormat::ComplexFloat),
    ];
    let (bits, format) = kinds.iter().find_map(|(prefix, format)| Some((name.strip_prefix(prefix)?, *format)))?;
    let bits: u16 = bits.parse().ok()?;
    // Complex types are named by the bits of one of their two numbers.
    let both = if matches!(format, SampleFormat::ComplexInt | SampleFormat::ComplexFloat) { 2 } else { 1 };
    SampleType::of(format, bits.checked_mul(both)?)
}

fn nodata(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "nan" => Some(f64::NAN),
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(asset: Value, properties: Value) -> Vec<StacBand> {
        bands(asset.as_object().unwrap(), properties.as_object().unwrap())
    }

    #[test]
    fn every_version_of_stac_says_the_same_in_its_own_words() {
        let v1_1 = json!({"data_type": "uint16", "nodata": 0,
            "bands": [{"name": "B04", "eo:common_name": "red", "raster:scale": 0.0001, "raster:offset": -0.1}]});
        let v1_0 = json!({"eo:bands": [{"name": "B04", "common_name": "red"}],
            "raster:bands": [{"data_type": "uint16", "nodata": 0, "scale": 0.0001, "offset": -0.1}]});
        let [new, old] = [v1_1, v1_0].map(|asset| of(asset, json!({})));
        assert_eq!(new, old);
        let band = &new[0];
        assert_eq!((band.name.as_deref(), band.common_name.as_deref()), (Some("B04"), Some("red")));
        assert_eq!((band.sample_type, band.nodata), (Some(SampleType::U16), Some(0.0)));
        assert_eq!((band.scale, band.offset), (Some(0.0001), Some(-0.1)));

        let v0_9 =
            of(json!({"eo:bands": [1]}), json!({"eo:bands": [{"name": "B02"}, {"name": "B04", "common_name": "red"}]}));
        assert_eq!(
            (v0_9.len(), v0_9[0].name.as_deref(), v0_9[0].common_name.as_deref()),
            (1, Some("B04"), Some("red"))
        );
    }

    #[test]
    fn types_are_those_of_the_raster_extension() {
        for (name, wanted) in [
            ("int8", Some(SampleType::I8)),
            ("uint8", Some(SampleType::U8)),
            ("int64", Some(SampleType::I64)),
            ("uint64", Some(SampleType::U64)),
            ("float16", Some(SampleType::F32)),
            ("float64", Some(SampleType::F64)),
            ("cint16", Some(SampleType::Complex32)),
            ("cfloat32", Some(SampleType::Complex32)),
            ("cfloat64", Some(SampleType::Complex64)),
            ("other", None),
            ("uint99999", None),
        ] {
            assert_eq!(sample_type(name), wanted, "{name}");
        }
    }

    #[test]
    fn nonsense_is_left_out() {
        assert_eq!(of(json!({"bands": "three"}), json!({})), []);
        assert_eq!(
            of(json!({"eo:bands": [7, -1, {}]}), json!({"eo:bands": [{}]})),
            [const { None::<StacBand> }; 3].map(Option::unwrap_or_default)
        );
        let nan = of(json!({"raster:bands": [{"nodata": "nan"}, {"nodata": "-inf"}, {"nodata": []}]}), json!({}));
        assert!(nan[0].nodata.unwrap().is_nan() && nan[1].nodata == Some(f64::NEG_INFINITY) && nan[2].nodata.is_none());
    }
}
