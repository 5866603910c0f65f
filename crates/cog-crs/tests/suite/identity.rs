//! What a CRS is: code, kind, axes, area.

use cog_crs::{Crs, Kind};

fn read(text: &str) -> Crs {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn kinds_and_units_of_known_systems() {
    for (text, kind, unit) in [
        ("EPSG:4326", Kind::Geographic, Some("degree")),
        ("EPSG:4979", Kind::Geographic3d, Some("degree")),
        ("EPSG:4978", Kind::Geocentric, Some("metre")),
        ("EPSG:2263", Kind::Projected, Some("US survey foot")),
        ("EPSG:4807", Kind::Geographic, Some("grad")),
        ("EPSG:5773", Kind::Vertical, Some("metre")),
        ("EPSG:7415", Kind::Compound, Some("metre")),
        ("EPSG:5817", Kind::Local, Some("metre")),
    ] {
        let crs = read(text);
        assert_eq!((crs.kind(), crs.unit().map(|(name, _)| name)), (kind, unit), "{text}");
    }
}

#[test]
fn axes_keep_the_order_of_their_authority() {
    let directions = |text: &str| read(text).axes().into_iter().map(|a| a.direction).collect::<Vec<_>>();
    assert_eq!(directions("EPSG:4326"), ["north", "east"]);
    assert_eq!(directions("EPSG:32633"), ["east", "north"]);
    assert_eq!(directions("EPSG:2193"), ["north", "east"]);
    assert_eq!(directions("EPSG:3031"), ["north", "north"]);
    assert!(read("EPSG:2193").is_north_first() && !read("EPSG:32633").is_north_first());
}

#[test]
fn areas_of_use_are_those_of_the_registry() {
    let area = read("EPSG:32633").area_of_use().unwrap();
    assert_eq!((area.west, area.south, area.east, area.north), (12.0, 0.0, 18.0, 84.0));
    assert!(area.name.starts_with("Between 12°E and 18°E"));
    // Of a definition without one: that of the CRS that it is.
    let area = read("+proj=utm +zone=33 +datum=WGS84").area_of_use().unwrap();
    assert_eq!(area.west, 12.0);
    assert_eq!(read("+proj=sinu +R=6371007.181").area_of_use(), None);
}

#[test]
fn the_parts_of_a_compound_crs_are_crs_themselves() {
    let compound = read("EPSG:7415");
    assert_eq!(compound.horizontal().epsg(), Some(28992));
    assert_eq!(compound.vertical().unwrap().epsg(), Some(5709));
    assert_eq!(compound.geographic().unwrap().epsg(), Some(4289));
    assert_eq!(read("EPSG:5817").geographic(), None);
}

#[test]
fn another_parameter_unit_or_datum_is_another_crs() {
    let utm = read("EPSG:32633");
    for text in [
        "EPSG:32634",
        "EPSG:25833",
        "+proj=utm +zone=33 +datum=WGS84 +units=us-ft",
        "+proj=tmerc +lon_0=15 +k=0.9995 +x_0=500000 +datum=WGS84",
    ] {
        assert_ne!(utm, read(text), "{text}");
    }
    assert_eq!(utm, read("+proj=tmerc +lon_0=15 +k=0.9996 +x_0=500000 +datum=WGS84"));
}

/// 13,700 codes: each definition is found again under its own code.
#[test]
fn every_registered_code_is_itself() {
    let mut seen = 0;
    for code in 2000..33000 {
        let Ok(crs) = Crs::from_epsg(code) else { continue };
        seen += 1;
        assert_eq!(crs.epsg(), Some(code), "{}", crs.name());
        let wkt2 = crs.to_wkt2();
        assert!(wkt2.ends_with(&format!("ID[\"EPSG\",{code}]]")));
        assert_eq!(read(&wkt2).to_wkt2(), wkt2);
        assert_eq!(read(&crs.to_projjson()), crs);
    }
    // proj.db of PROJ 9.7.1 has 7,724 codes of EPSG, these among them.
    assert!(seen > 7_000, "{seen}");
}
