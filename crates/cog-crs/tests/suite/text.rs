//! Ways to write a CRS.

use cog_crs::{Crs, Error, Found, Kind};

fn read(text: &str) -> Crs {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn codes_are_read_in_every_spelling() {
    for (text, code) in [
        ("EPSG:4326", 4326),
        ("epsg:4326", 4326),
        ("urn:ogc:def:crs:EPSG::4326", 4326),
        ("URN:OGC:DEF:CRS:EPSG:6.9:4326", 4326),
        ("urn:x-ogc:def:crs:EPSG::32633", 32633),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", 3857),
        ("https://www.opengis.net/def/crs/EPSG/0/3857", 3857),
        ("http://www.opengis.net/gml/srs/epsg.xml#4258", 4258),
        ("+init=epsg:28992", 28992),
        ("EPSG:4326+3855", 9518),
        ("urn:ogc:def:crs,crs:EPSG::28992,crs:EPSG::5709", 7415),
        ("WGS84", 4326),
    ] {
        assert_eq!(read(text).epsg(), Some(code), "{text}");
    }
    let crs84 = read("urn:ogc:def:crs:OGC:1.3:CRS84");
    assert_eq!(crs84.authority(), Some(("OGC", "CRS84")));
    assert!(!crs84.is_north_first());
    assert_eq!(crs84, read("EPSG:4326"), "the order of axes is no difference");
    assert_eq!(read("http://www.opengis.net/def/crs/IAU/2015/49900").authority(), Some(("IAU_2015", "49900")));
}

#[test]
fn a_code_that_nobody_registered_is_named() {
    let error = "EPSG:999999".parse::<Crs>().unwrap_err();
    assert_eq!(error, Error::UnknownCode { authority: "EPSG".into(), code: "999999".into() });
    assert!(matches!("FOO:1".parse::<Crs>(), Err(Error::UnknownCode { .. })));
    assert!(matches!("a place near Bonn".parse::<Crs>(), Err(Error::NotACrs { .. })));
    assert!(matches!("".parse::<Crs>(), Err(Error::NotACrs { .. })));
}

/// Codes that pyproj's `to_epsg` gives for the same strings.
#[test]
fn proj_strings_are_recognised_by_their_parameters() {
    for (text, code) in [
        ("+proj=utm +zone=33 +datum=WGS84 +units=m +no_defs", 32633),
        ("+proj=utm +zone=19 +south +datum=WGS84", 32719),
        ("+proj=aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +x_0=0 +y_0=0 +datum=NAD83 +units=m +no_defs", 5070),
        ("+proj=longlat +datum=WGS84 +no_defs", 4326),
        (
            "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs",
            3857,
        ),
        (
            "+proj=lcc +lat_0=40.1666666666667 +lon_0=-74 +lat_1=41.0333333333333 +lat_2=40.6666666666667 +x_0=300000 +y_0=0 +datum=NAD83 +units=us-ft",
            2263,
        ),
        ("+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84", 3413),
        ("+proj=cea +lat_ts=30 +lon_0=0 +datum=WGS84", 6933),
    ] {
        assert_eq!(read(text).epsg(), Some(code), "{text}");
    }
    let sinusoidal = read("+proj=sinu +lon_0=0 +R=6371007.181 +units=m");
    assert_eq!((sinusoidal.epsg(), sinusoidal.kind(), sinusoidal.found()), (None, Kind::Projected, Found::ProjString));
    assert!(matches!(
        "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=40".parse::<Crs>(),
        Err(Error::Unsupported(_))
    ));
    assert!(matches!("+proj=utm +zone=99".parse::<Crs>(), Err(Error::Value { .. })));
    assert!(matches!("+proj=longlat +a=nan".parse::<Crs>(), Err(Error::Value { .. })));
}

#[test]
fn wkt_of_esri_is_read_by_esris_names() {
    let text = r#"PROJCS["NAD_1983_UTM_Zone_10N",GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-123.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
    let crs = read(text);
    assert_eq!((crs.epsg(), crs.unit()), (Some(26910), Some(("metre", 1.0))));
    let polar = r#"PROJCS["NSIDC",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Stereographic_North_Pole"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-45.0],PARAMETER["Standard_Parallel_1",70.0],UNIT["Meter",1.0]]"#;
    assert_eq!(read(polar).epsg(), Some(3413));
}

#[test]
fn esri_strings_with_heights_make_a_compound_crs() {
    let text = r#"PROJCS["NAD_1983_UTM_Zone_10N",GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-123.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]],VERTCS["NAVD_1988",VDATUM["North_American_Vertical_Datum_1988"],PARAMETER["Vertical_Shift",0.0],PARAMETER["Direction",1.0],UNIT["Meter",1.0]]"#;
    let crs = read(text);
    assert_eq!(
        (crs.kind(), crs.horizontal().epsg(), crs.vertical().unwrap().epsg()),
        (Kind::Compound, Some(26910), Some(5703))
    );
}

/// pyproj: `CRS("ESRI:102653").to_epsg()` is 2231.
#[test]
fn a_crs_of_esri_has_the_code_of_epsg_that_is_the_same() {
    let crs = read("ESRI:102653");
    assert_eq!((crs.authority(), crs.epsg()), (Some(("ESRI", "102653")), Some(2231)));
    assert_eq!(read("ESRI:54009").epsg(), None);
}

#[test]
fn a_plus_sign_tells_datums_apart() {
    assert_ne!(read("EPSG:4149"), read("EPSG:4150"), "CH1903 and CH1903+");
}

#[test]
fn what_is_no_crs_of_rasters_is_refused_by_name() {
    for text in [
        r#"TIMECRS["t",TDATUM["t"],CS[temporal,1],AXIS["t",future]]"#,
        r#"GEOGCRS["rotated",BASEGEOGCRS["b"],DERIVINGCONVERSION["c"],CS[ellipsoidal,2]]"#,
        r#"{"type":"TemporalCRS","name":"t"}"#,
    ] {
        assert!(matches!(text.parse::<Crs>(), Err(Error::Unsupported(_))), "{text}");
    }
}

#[test]
fn broken_definitions_are_errors_that_say_where() {
    let cases = [
        (r#"PROJCS["a""#, "byte 10: a bracket has no end"),
        (r#"GEOGCS["a",DATUM["d",SPHEROID["s",NaN,298]]]"#, "SPHEROID: NaN is not finite"),
        (r#"GEOGCS["a",DATUM["d",SPHEROID["s",-1,298]]]"#, "SPHEROID: -1, 298 is no ellipsoid"),
        (
            r#"GEOGCS["a",DATUM["d",SPHEROID["s",1,0]],UNIT["degree",0.017],AXIS["Latitude",NORTH]]"#,
            "AXIS: 1 is not the number of axes",
        ),
        (
            r#"GEOGCS["a",DATUM["d",SPHEROID["s",1,0]],UNIT["degree",0.017],AXIS["Lat","a[,"],AXIS["Lon",EAST]]"#,
            "AXIS: a[, is no direction",
        ),
        (r#"PROJCRS["a"]"#, "PROJCRS has no BASEGEOGCRS"),
        (r#"{"type":"GeographicCRS""#, "PROJJSON: EOF"),
        (r#"{"type":"GeographicCRS"}"#, "CRS has no datum"),
    ];
    for (text, expected) in cases {
        let error = text.parse::<Crs>().unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_megabyte_of_brackets_is_refused_at_once() {
    for text in ["PROJCS[".repeat(150_000), "{\"a\":".repeat(200_000), format!("A[\"{}\"]", "x".repeat(2 << 20))] {
        let started = std::time::Instant::now();
        assert!(text.parse::<Crs>().is_err());
        assert!(started.elapsed() < std::time::Duration::from_secs(2));
    }
}
