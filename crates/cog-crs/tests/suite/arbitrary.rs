//! Anything at all as input, and CRSs with any parameters.

use cog_crs::Crs;
use cog_tiff::{GeoKey, GeoKeyValue, GeoKeys};
use proptest::prelude::*;

fn value() -> impl Strategy<Value = GeoKeyValue> {
    let code = prop_oneof![any::<u16>(), Just(32767), Just(4326), Just(32633), Just(9001), Just(9102), 1u16..30];
    let number = prop_oneof![any::<f64>(), -180.0..180.0, Just(f64::NAN), Just(0.0), Just(6_378_137.0), Just(298.25)];
    prop_oneof![
        code.prop_map(GeoKeyValue::Short),
        prop::collection::vec(number, 0..8).prop_map(GeoKeyValue::Doubles),
        "([A-Z]{1,5} = [ -~]{0,12}\\|){0,3}|ESRI PE String = [ -~]{0,40}|[ -~]{0,20}".prop_map(GeoKeyValue::Text),
    ]
}

fn key() -> impl Strategy<Value = GeoKey> {
    prop_oneof![1024u16..1027, 2048u16..2063, 3072u16..3097, 4096u16..4100].prop_map(GeoKey)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_keys_are_read_or_refused(list in prop::collection::vec((key(), value()), 0..16), minor in 0u16..2) {
        if let Ok(Some(crs)) = Crs::from_geo_keys(&GeoKeys::from_keys((1, minor), list)) {
            _ = (crs.to_wkt2(), crs.to_wkt1(), crs.to_projjson(), crs.authority());
            if let Ok(keys) = crs.to_geo_keys() {
                _ = Crs::from_geo_keys(&keys);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(PROJCS|GEOGCRS|BOUNDCRS|COMPD_CS)?(\\[|\\(|\"|,|[A-Z]{3,8}|[0-9.eE+-]{1,6}|\\]){0,40}|\\+proj=[a-z]{3,5}( \\+[a-z_0-9]{1,5}=[0-9a-zA-Z.-]{0,6}){0,6}") {
        if let Ok(crs) = text.parse::<Crs>() {
            _ = (crs.to_wkt2(), crs.to_wkt1(), crs.to_projjson(), crs.authority());
        }
    }

    #[test]
    fn a_user_defined_crs_goes_into_keys_and_back(
        projection in prop_oneof![
            Just("tmerc"), Just("merc"), Just("lcc"), Just("aea"), Just("laea"), Just("sterea"), Just("cass"), Just("poly"), Just("aeqd"),
            Just("sinu"), Just("robin"), Just("cea"), Just("eqc"), Just("gnom"), Just("ortho"), Just("mill"), Just("moll"), Just("eqdc"),
        ],
        lat in -89.0..89.0, lon in -179.0..179.0, first in 1.0..60.0, second in 1.0..60.0, scale in 0.5..1.5, easting in -1e7..1e7,
        ellipsoid in prop_oneof![Just("+datum=WGS84"), Just("+ellps=bessel"), Just("+R=6371007.181"), Just("+a=6378137 +rf=297.5")],
        units in prop_oneof![Just("m"), Just("us-ft"), Just("km")],
    ) {
        let text = format!(
            "+proj={projection} +lat_0={lat} +lon_0={lon} +lat_1={first} +lat_2={second} +lat_ts={first} +k_0={scale} +x_0={easting} {ellipsoid} +units={units}"
        );
        let crs: Crs = text.parse().unwrap();
        let keys = crs.to_geo_keys().unwrap();
        let again = Crs::from_geo_keys(&keys).unwrap().unwrap();
        prop_assert_eq!(&again, &crs, "{}: {:?}", text, keys);
        prop_assert_eq!(&crs.to_wkt2().parse::<Crs>().unwrap(), &crs);
        prop_assert_eq!(&crs.to_projjson().parse::<Crs>().unwrap(), &crs);
        // WKT1 has no Mercator with an origin off the equator.
        match crs.to_wkt1() {
            Ok(wkt1) => prop_assert_eq!(&wkt1.parse::<Crs>().unwrap(), &crs),
            Err(error) => prop_assert_eq!(projection, "merc", "{}", error),
        }
    }
}
