//! Documents that are no STAC items, too large, or full of nonsense.

use cog_mosaic::io::Location;
use cog_mosaic::reader::Session;
use cog_mosaic::{Error, ErrorClass, StacItem};
use cog_testkit::server::Fault;
use serde_json::{Value, json};

use crate::scene;

#[tokio::test]
async fn documents_that_are_no_items_say_what_they_are() {
    let server = scene::server();
    let session = Session::default();
    for (path, bytes, says) in [
        ("/text", "<html>", "is not JSON: expected value at line 1 column 1"),
        ("/list", "[1, 2]", "is a list of 2, not a STAC item"),
        (
            "/catalog",
            r#"{"type": "Catalog", "links": []}"#,
            "is a STAC catalog, whose links lead to items, not a STAC item",
        ),
        (
            "/old",
            r#"{"stac_version": "0.9.0", "links": [], "extent": {}}"#,
            "is a STAC collection, whose links lead to items, not a STAC item",
        ),
        ("/mosaic", r#"{"mosaicjson": "0.0.3"}"#, "is a MosaicJSON, not a STAC item"),
        (
            "/feature",
            r#"{"type": "Feature", "geometry": null}"#,
            "is a GeoJSON Feature without assets, not a STAC item",
        ),
        (
            "/features",
            r#"{"type": "FeatureCollection", "features": [{}]}"#,
            "is a FeatureCollection of 1 features, not a STAC item",
        ),
        (
            "/object",
            r#"{"code": 1, "description": ""}"#,
            "is an object with the members code, description, not a STAC item",
        ),
        (
            "/future",
            r#"{"type": "Feature", "stac_version": "2.0.0", "assets": {}}"#,
            "is an item of STAC 2.0.0, not a STAC item",
        ),
        ("/tiff", "II*\0", "is not JSON: expected value at line 1 column 1"),
    ] {
        server.put(path, bytes);
        let error = StacItem::open(&session, server.url(path)).await.unwrap_err();
        assert_eq!(error.to_string(), format!("{}: {says}", server.url(path)));
        assert_eq!(error.class(), ErrorClass::Format);
    }
    let deep = "[".repeat(10_000);
    server.put("/deep", deep.into_bytes());
    assert!(matches!(StacItem::open(&session, server.url("/deep")).await, Err(Error::NotJson { .. })));
}

#[tokio::test]
async fn a_document_is_bounded_in_bytes_and_read_in_few_requests() {
    let server = scene::server();
    let session = Session::default();
    let mut item = scene::json("item-1.0.json");
    item["properties"]["text"] = "x".repeat(600_000).into();
    let bytes = serde_json::to_vec(&item).unwrap();
    let size = bytes.len() as u64;
    server.put("/scene/long.json", bytes);
    let location = Location::parse(&server.url("/scene/long.json")).unwrap();
    let limits = cog_mosaic::Limits::default();
    assert_eq!(StacItem::open_location(&session, &location, &limits).await.unwrap().assets().len(), 8);
    assert_eq!(scene::asked(&server).len(), 2);
    for fault in [Fault::IgnoreRange, Fault::UnknownSize] {
        server.inject("/scene/long.json", 2, fault);
        StacItem::open_location(&Session::default(), &location, &limits).await.unwrap();
        server.behave();
    }

    let tight = limits.with_max_document_bytes(size - 1);
    let error = StacItem::open_location(&Session::default(), &location, &tight).await.unwrap_err();
    assert!(matches!(error, Error::DocumentTooLarge { .. }), "{error}");
    assert!(
        error
            .to_string()
            .ends_with(&format!("of {size} bytes is over the limit of {} (Limits::max_document_bytes)", size - 1))
    );
}

/// Eight million zeros are 16 MiB of text, and would be 256 MiB of values.
#[test]
fn a_document_is_bounded_in_values() {
    let zeros = format!("[0{}]", ",0".repeat(8_000_000));
    let limits = cog_mosaic::Limits::default();
    let error = cog_mosaic::Document::parse("zeros", zeros.as_bytes(), &limits).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Limits);
    assert_eq!(
        error.to_string(),
        "zeros: a JSON document of 8000001 values is over the limit of 4000000 (Limits::max_document_values)"
    );
    let few = limits.with_max_document_values(3);
    assert!(cog_mosaic::Document::parse("few", b"[1, 2, 3]", &few).is_ok());
    assert!(cog_mosaic::Document::parse("few", b"[1, 2, {}, 4]", &few).is_err());
}

/// Every value of an item replaced by every kind of nonsense: an answer or an error, and never a panic.
#[tokio::test]
async fn nonsense_anywhere_in_an_item_is_no_more_than_an_error() {
    fn paths(value: &Value, at: &str, all: &mut Vec<String>) {
        all.push(at.to_owned());
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(name, v)| paths(v, &format!("{at}/{}", name.replace('/', "~1")), all))
            }
            Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| paths(v, &format!("{at}/{i}"), all)),
            _ => {}
        }
    }
    let nonsense = [
        json!(null),
        json!(-1),
        json!(1e308),
        json!(u64::MAX),
        json!(""),
        json!("http://[bad"),
        json!("EPSG:\u{0}\u{1b}[2J"),
        json!([]),
        json!([[[]], {}, "x", 0.5]),
        json!({}),
        json!({"href": {"href": []}}),
    ];
    let session = Session::default();
    let mut items = 0;
    for name in ["item-0.9.json", "item-1.0.json", "item-1.1.json"] {
        let whole = scene::json(name);
        let mut all = Vec::new();
        paths(&whole, "", &mut all);
        for path in &all {
            for odd in &nonsense {
                let mut item = whole.clone();
                *item.pointer_mut(path).unwrap() = odd.clone();
                let Ok(item) = StacItem::from_json(item, None) else { continue };
                items += 1;
                let told = (
                    item.id().len(),
                    item.bbox(),
                    item.geometry().is_some(),
                    item.datetime().is_some(),
                    format!("{item:?}"),
                );
                assert!(!told.4.contains('\u{1b}'), "{told:?}");
                for asset in item.assets() {
                    let _ =
                        (asset.location(), asset.grid(), asset.crs(), asset.bounds(), asset.bands(), asset.file_size());
                    let _ = (asset.title(), asset.roles().count(), asset.alternates().count(), format!("{asset:?}"));
                }
                let _ = item.composite(&session);
            }
        }
    }
    assert!(items > 4_000, "{items}");
}
