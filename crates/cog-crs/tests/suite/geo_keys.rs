//! GeoKeys that contradict, override or lack something. What each means is what GDAL 3.10 says of a file with these keys.

use cog_crs::{Crs, Error, Found, Kind};
use cog_tiff::{GeoKey, GeoKeyValue, GeoKeys};

enum Key {
    S(u16),
    D(f64),
    T(&'static str),
}
use Key::{D, S, T};

fn keys(revision: (u16, u16), list: &[(GeoKey, Key)]) -> GeoKeys {
    let value = |key: &Key| match key {
        S(n) => GeoKeyValue::Short(*n),
        D(n) => GeoKeyValue::Doubles(vec![*n]),
        T(text) => GeoKeyValue::Text((*text).to_string()),
    };
    GeoKeys::from_keys(revision, list.iter().map(|(key, v)| (*key, value(v))).collect())
}

fn read(list: &[(GeoKey, Key)]) -> Crs {
    Crs::from_geo_keys(&keys((1, 1), list)).unwrap().unwrap()
}

#[test]
fn no_keys_are_no_crs() {
    assert_eq!(Crs::from_geo_keys(&keys((1, 0), &[])).unwrap(), None);
}

#[test]
fn a_code_is_the_registered_crs() {
    let crs = read(&[(GeoKey::MODEL_TYPE, S(1)), (GeoKey::PROJECTED_CRS, S(32633)), (GeoKey::CITATION, T("anything"))]);
    assert_eq!((crs.epsg(), crs.found(), crs.warnings().len()), (Some(32633), Found::Code, 0));
    assert_eq!(crs.name(), "WGS 84 / UTM zone 33N");
}

#[test]
fn a_unit_beside_a_code_wins() {
    let crs =
        read(&[(GeoKey::MODEL_TYPE, S(1)), (GeoKey::PROJECTED_CRS, S(26910)), (GeoKey::PROJ_LINEAR_UNITS, S(9003))]);
    assert_eq!((crs.epsg(), crs.unit().unwrap().0), (None, "US survey foot"));
    assert!(crs.to_wkt2().contains("1640416.66666667"), "{}", crs.to_wkt2());
    assert_eq!(crs.warnings().len(), 1);
}

#[test]
fn an_unknown_code_alone_is_an_error_and_with_parameters_a_warning() {
    let alone = keys((1, 0), &[(GeoKey::MODEL_TYPE, S(1)), (GeoKey::PROJECTED_CRS, S(1234))]);
    assert_eq!(
        Crs::from_geo_keys(&alone).unwrap_err(),
        Error::UnknownCode { authority: "EPSG".into(), code: "1234".into() }
    );
    let crs = read(&[
        (GeoKey::MODEL_TYPE, S(1)),
        (GeoKey::PROJECTED_CRS, S(1234)),
        (GeoKey::GEODETIC_CRS, S(4326)),
        (GeoKey::PROJ_METHOD, S(1)),
        (GeoKey::PROJ_NAT_ORIGIN_LONG, D(15.0)),
        (GeoKey::PROJ_NAT_ORIGIN_LAT, D(0.0)),
        (GeoKey::PROJ_SCALE_AT_NAT_ORIGIN, D(0.9996)),
        (GeoKey::PROJ_FALSE_EASTING, D(500_000.0)),
        (GeoKey::PROJ_FALSE_NORTHING, D(0.0)),
    ]);
    assert_eq!((crs.epsg(), crs.warnings().len()), (Some(32633), 1));
}

#[test]
fn parameters_that_are_no_numbers_are_left_out_with_a_warning() {
    let crs = read(&[
        (GeoKey::MODEL_TYPE, S(1)),
        (GeoKey::PROJECTED_CRS, S(32767)),
        (GeoKey::GEODETIC_CRS, S(4326)),
        (GeoKey::PROJ_METHOD, S(1)),
        (GeoKey::PROJ_NAT_ORIGIN_LONG, D(f64::NAN)),
    ]);
    assert_eq!(crs.warnings(), ["ProjNatOriginLong is NaN: left out"]);
}

#[test]
fn a_method_that_nobody_knows_leaves_a_local_crs() {
    let crs = read(&[
        (GeoKey::MODEL_TYPE, S(1)),
        (GeoKey::PROJECTED_CRS, S(32767)),
        (GeoKey::CITATION, T("Mine")),
        (GeoKey::GEODETIC_CRS, S(4326)),
        (GeoKey::PROJ_METHOD, S(99)),
    ]);
    assert_eq!((crs.kind(), crs.name()), (Kind::Local, "Mine"));
    assert_eq!(crs.warnings().len(), 1);
}

#[test]
fn vertical_keys_count_from_geotiff_1_1_on() {
    let list = [(GeoKey::MODEL_TYPE, S(1)), (GeoKey::PROJECTED_CRS, S(28992)), (GeoKey::VERTICAL, S(5709))];
    let new = Crs::from_geo_keys(&keys((1, 1), &list)).unwrap().unwrap();
    assert_eq!((new.kind(), new.epsg()), (Kind::Compound, Some(7415)));
    let old = Crs::from_geo_keys(&keys((1, 0), &list)).unwrap().unwrap();
    assert_eq!((old.kind(), old.epsg(), old.warnings().len()), (Kind::Projected, Some(28992), 1));
}

#[test]
fn an_ellipsoid_below_zero_is_an_error() {
    let list =
        [(GeoKey::MODEL_TYPE, S(2)), (GeoKey::GEODETIC_CRS, S(32767)), (GeoKey::ELLIPSOID_SEMI_MAJOR_AXIS, D(-1.0))];
    assert!(matches!(Crs::from_geo_keys(&keys((1, 0), &list)), Err(Error::Value { .. })));
}

/// Every code of EPSG that keys can hold, written and read again.
#[test]
fn every_epsg_code_goes_into_keys_and_back() {
    let mut written = 0;
    for code in 2000..33000 {
        let Ok(crs) = Crs::from_epsg(code) else { continue };
        let keys = match crs.to_geo_keys() {
            Ok(keys) => keys,
            Err(Error::CannotWrite { .. }) => {
                assert!(
                    matches!(crs.kind(), Kind::Vertical | Kind::Local | Kind::Geographic3d | Kind::Projected),
                    "{code}"
                );
                continue;
            }
            Err(other) => panic!("{code}: {other}"),
        };
        let again = Crs::from_geo_keys(&keys).unwrap().unwrap();
        assert_eq!(again, crs, "{code} {}: {keys:?}", crs.name());
        written += 1;
    }
    assert!(written > 7_000, "{written}");
}
