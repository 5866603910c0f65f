//! Items: what aiocogeo's acceptance list asks of its STACReader (35 to 38), and what real catalogues do.

use cog_mosaic::io::Location;
use cog_mosaic::raster::{Raster, SampleType};
use cog_mosaic::reader::Session;
use cog_mosaic::{Error, ErrorClass, StacItem};
use cog_testkit::server::{Fault, Server};
use serde_json::{Value, json};

use crate::scene;

const FIVE: [&str; 5] = ["red", "nir", "swir", "classes", "visual"];

async fn open(server: &Server, name: &str) -> (Session, StacItem) {
    let session = Session::default();
    let item = StacItem::open(&session, server.url(&format!("/scene/{name}"))).await.unwrap();
    (session, item)
}

/// Its own item with other assets.
fn with_assets(assets: Value) -> Value {
    let mut item = scene::json("item-1.0.json");
    item["assets"] = assets;
    item
}

/// (36): five readers of an item with other assets beside five COGs, in every version of STAC; (38): one session serves all of them.
#[tokio::test]
async fn an_item_with_five_cogs_gives_five_readers_for_one_request_each() {
    let server = scene::server();
    for name in ["item-0.9.json", "item-1.0.json", "item-1.1.json"] {
        let (session, item) = open(&server, name).await;
        assert_eq!(item.assets().len(), 8);
        let composite = item.composite(&session).unwrap();
        assert_eq!(composite.names().collect::<Vec<_>>(), FIVE);
        assert_eq!(scene::asked(&server), [format!("/scene/{name}")], "no asset is opened before it is read");

        let opened = composite.open().await.unwrap();
        assert_eq!(opened.iter().map(|cog| cog.profile().unwrap().count).collect::<Vec<_>>(), [1, 1, 1, 1, 3]);
        composite.open().await.unwrap();
        assert_eq!(scene::asked(&server).len(), 5, "each is opened once");
        // The connections of the item serve its assets: HTTP/1.1 needs one for each that runs at the same time.
        assert!(server.connections() <= 3 * 5, "{}", server.connections());
        assert_eq!(session.io().stats().requests, 6);
    }
}

/// (35): what a composite gives is what its files give, in order.
#[tokio::test]
async fn iteration_tiles_and_reads_equal_those_of_the_files() {
    let server = scene::server();
    let (session, item) = open(&server, "item-1.0.json").await;
    let composite = item.composite(&session).unwrap();
    let mut alone = Vec::new();
    for reader in &composite {
        alone.push(reader.cog().await.unwrap());
    }
    let same = |composite: &[Raster], alone: Vec<Raster>| {
        assert_eq!(composite.len(), 5);
        for (a, b) in composite.iter().zip(&alone) {
            assert_eq!((&a.pixels, &a.validity, a.transform), (&b.pixels, &b.validity, b.transform));
        }
    };
    let mut tiles = Vec::new();
    let mut reads = Vec::new();
    let bounds = [400_100.0, 5_299_000.0, 400_900.0, 5_299_800.0];
    for cog in &alone {
        tiles.push(cog.tile(0, 0).await.unwrap());
        reads.push(cog.read().bounds(bounds).shape(64, 64).await.unwrap());
    }
    same(&composite.tile(0, 0, 0).await.unwrap(), tiles);
    let all = composite.read(move |read| read.bounds(bounds).shape(64, 64)).await.unwrap();
    same(&all, reads);
    assert_eq!(composite.preview(50).await.unwrap().iter().map(|r| r.dim().2).max(), Some(50));

    let means = composite.map(|cog| cog.statistics()).reduce(|all| all.len()).await.unwrap();
    assert_eq!(means, 5);
}

/// (37), and what aiocogeo calls `MissingAssets`.
#[tokio::test]
async fn an_item_without_the_wanted_types_says_which_are_there() {
    let server = scene::server();
    let (session, item) = open(&server, "item-1.0.json").await;
    let footprints = item.include_types(["application/geopackage+sqlite3"]).unwrap();
    assert_eq!(footprints.composite(&session).unwrap().names().collect::<Vec<_>>(), ["footprints"]);

    let only_footprints = item.filter(|asset| asset.name() == "footprints" || asset.name() == "thumbnail");
    let error = only_footprints.composite(&session).unwrap_err();
    assert!(matches!(error, Error::MissingAssets { .. }));
    assert_eq!(error.class(), ErrorClass::Usage);
    let text = error.to_string();
    assert!(
        text.contains("application/geopackage+sqlite3, image/png") && text.contains("profile=cloud-optimized"),
        "{text}"
    );

    let error = item.include_types(["image/jp2"]).unwrap().composite(&session).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("(image/jp2)") && text.contains("profile=cloud-optimized (5 times)"), "{text}");
    assert!(matches!(item.include_types(["geotiff"]), Err(Error::NotAMediaType { .. })));
}

#[tokio::test]
async fn assets_are_chosen_before_anything_is_opened() {
    let server = scene::server();
    let (session, item) = open(&server, "item-1.1.json").await;
    let two = item.select(["nir", "red"]).unwrap().composite(&session).unwrap();
    two.tile(0, 0, 0).await.unwrap();
    let mut paths = scene::asked(&server);
    paths.dedup();
    assert_eq!(paths, ["/scene/item-1.1.json", "/scene/nir.tif", "/scene/red.tif"]);

    let data = item.filter(|asset| asset.has_role("data")).composite(&session).unwrap();
    assert_eq!(data.names().collect::<Vec<_>>(), ["red", "nir", "swir"]);
    let error = item.select(["blue"]).unwrap_err();
    assert!(
        error.to_string().ends_with(
            "has no asset 'blue'; there are: red, nir, swir, classes, visual, footprints, metadata, thumbnail"
        )
    );
}

/// What the projection and raster extensions tell is what the files say, and costs no request.
#[tokio::test]
async fn grids_and_types_are_known_without_opening() {
    let server = scene::server();
    for name in ["item-1.0.json", "item-1.1.json"] {
        let (session, item) = open(&server, name).await;
        assert_eq!(item.bbox().map(|b| b.map(|v| (v * 1e3).round() / 1e3)), Some([13.663, 47.833, 13.683, 47.846]));
        for asset in item.readable() {
            let grid = asset.grid().unwrap().unwrap();
            let (kind, bands) = (asset.sample_type().unwrap(), asset.bands());
            let log = scene::asked(&server);
            assert!(log.iter().all(|path| !path.ends_with(".tif")), "{log:?}");

            let composite = item.select([asset.name()]).unwrap().composite(&session).unwrap();
            assert_eq!(composite.grid().await.unwrap(), grid, "{}", asset.name());
            let cog = &composite.open().await.unwrap()[0];
            let profile = cog.profile().unwrap();
            assert_eq!((kind, bands.len()), (cog.tiles([]).layout().unwrap().sample_type, profile.count as usize));
            let nodata = bands[0].nodata;
            assert_eq!(nodata, cog.tiles([]).layout().unwrap().nodata.map(|n| n.as_f64()));
            server.take_log();
        }
        let red = item.asset("red").unwrap();
        assert_eq!((red.title(), red.sample_type()), (Some("Red"), Some(SampleType::U16)));
        assert_eq!(red.bands()[0].common_name.as_deref(), Some("red"));
    }
    let (_, old) = open(&server, "item-0.9.json").await;
    assert_eq!(old.asset("swir").unwrap().bands()[0].common_name.as_deref(), Some("swir16"));
    assert_eq!((old.stac_version(), old.asset("red").unwrap().grid().unwrap()), (Some("0.9.0"), None));
    assert_eq!(old.asset("red").unwrap().crs().unwrap().unwrap().epsg(), Some(32633));
}

/// Relative, absolute, signed and redirected hrefs; alternates; and the secrets of those that are signed.
#[tokio::test]
async fn hrefs_of_every_kind_are_read_and_their_secrets_never_shown() {
    let server = scene::server();
    let elsewhere = Server::start([("/data/nir.tif", scene::bytes("nir.tif"))]);
    server.inject("/gate/swir.tif", usize::MAX, Fault::Redirect(302, "/scene/swir.tif?sig=behindthegate".into()));
    let cog = "image/tiff; profile=cloud-optimized; application=geotiff";
    let item = with_assets(json!({
        "relative": {"href": "./red.tif", "type": cog},
        "up": {"href": "../scene/red.tif", "type": cog},
        "rooted": {"href": "/scene/red.tif", "type": cog},
        "absolute": {"href": elsewhere.url("/data/nir.tif"), "type": cog},
        "signed": {"href": server.url("/scene/nir.tif?sv=2021&sig=topsecret%2B1&X-Amz-Signature=alsosecret"), "type": cog},
        "redirected": {"href": server.url("/gate/swir.tif"), "type": cog},
        "untyped": {"href": "classes.tif"},
    }));
    server.put("/scene/item.json", serde_json::to_vec(&item).unwrap());
    let (session, item) = open(&server, "item.json").await;
    let composite = item.composite(&session).unwrap();
    let tiles = composite.tile(0, 0, 0).await.unwrap();
    let alone = session.open(scene::path("red.tif")).await.unwrap().tile(0, 0).await.unwrap();
    assert_eq!(tiles.len(), 7);
    assert!(tiles[..3].iter().all(|tile| tile.pixels == alone.pixels));
    assert_eq!(tiles[3].pixels, tiles[4].pixels);
    assert!(server.log().iter().any(|request| request.path.contains("sig=topsecret%2B1&X-Amz-Signature=alsosecret")));

    server.inject("/scene/nir.tif", usize::MAX, Fault::Status(404));
    let fresh = Session::default();
    let composite = item.composite(&fresh).unwrap();
    let error = composite.filter(|reader| reader.name() == "signed").open().await.unwrap_err();
    let shown = format!("{error} {error:?} {item:?} {:?} {composite:?}", item.assets());
    assert!(!shown.contains("secret") && !shown.contains("gate?"), "{shown}");
    assert!(error.to_string().starts_with("'signed': http://127.0.0.1"), "{error}");
    assert!(
        error.to_string().ends_with("/scene/nir.tif?sv=…&sig=…&X-Amz-Signature=…: not found (HTTP 404)"),
        "{error}"
    );
}

/// As pystac and rio-tiler have it: the gate that signed the item signs its assets too.
#[tokio::test]
async fn hrefs_of_an_item_behind_a_redirect_count_from_where_it_was_asked_for() {
    let server = scene::server();
    for (from, to) in [("/gate/item.json", "/scene/item-1.0.json?sig=1"), ("/gate/red.tif", "/scene/red.tif?sig=2")] {
        server.inject(from, usize::MAX, Fault::Redirect(307, to.into()));
    }
    let session = Session::default();
    let item = StacItem::open(&session, server.url("/gate/item.json")).await.unwrap();
    assert_eq!(item.asset("red").unwrap().location().unwrap().to_string(), server.url("/gate/red.tif"));
    let red = item.select(["red"]).unwrap().composite(&session).unwrap();
    assert_eq!(red.tile(0, 0, 0).await.unwrap().len(), 1);
    let paths = scene::asked(&server);
    assert!(paths.contains(&"/scene/red.tif?sig=2".to_owned()), "{paths:?}");
}

#[tokio::test]
async fn an_alternate_location_is_taken_where_it_is_preferred() {
    let server = scene::server();
    let item = with_assets(json!({
        "red": {"href": "s3://bucket/red.tif", "alternate:name": "s3", "alternate": {"https": {"href": "./red.tif"}}},
        "nir": {"href": "./nir.tif"},
    }));
    let location = Location::parse(&server.url("/scene/item.json")).unwrap();
    let item = StacItem::from_json(item, Some(location)).unwrap();
    let red = item.asset("red").unwrap();
    assert_eq!(red.alternates().collect::<Vec<_>>(), ["https"]);
    assert_eq!(red.location().unwrap().to_string(), "s3://bucket/red.tif");
    assert_eq!(red.alternate_location("s3").unwrap().to_string(), "s3://bucket/red.tif");
    assert!(matches!(red.alternate_location("ftp"), Err(Error::NoHref)));
    let composite = item.prefer_alternate("https").composite(&Session::default()).unwrap();
    assert_eq!(composite.tile(0, 0, 0).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_asset_that_leads_nowhere_is_an_error_of_that_asset_alone() {
    let cog = "image/tiff; application=geotiff; profile=cloud-optimized";
    let item = with_assets(json!({
        "red": {"href": format!("file://{}", scene::path("red.tif").display()), "type": cog},
        "far": {"href": "ftp://example.com/a.tif", "type": cog},
        "inline": {"href": "data:image/tiff;base64,SUkqAA==", "type": cog},
        "none": {"type": cog},
        "odd": 7,
    }));
    let session = Session::default();
    let composite = StacItem::from_json(item, None).unwrap().composite(&session).unwrap();
    assert_eq!(composite.names().collect::<Vec<_>>(), ["red", "far", "inline", "none"]);
    let only = |name: &'static str| composite.filter(move |reader| reader.name() == name);
    assert_eq!(only("red").tile(0, 0, 0).await.unwrap().len(), 1);
    for (name, says) in [
        ("far", "'far': ftp://…: the scheme \"ftp\" is not supported"),
        ("inline", "'inline': data:…: the scheme \"data\" is not supported"),
        ("none", "'none': the asset has no href"),
    ] {
        let error = only(name).tile(0, 0, 0).await.unwrap_err().to_string();
        assert!(error.starts_with(says), "{error}");
    }
    assert!(composite.tile(0, 0, 0).await.unwrap_err().to_string().starts_with("'far': "));
}

/// An item given as a value is where it says, and relative hrefs of one that does not say it lead nowhere.
#[test]
fn relative_hrefs_of_a_value_count_from_its_self_link() {
    let item = StacItem::from_json(scene::json("item-1.1.json"), None).unwrap();
    let red = item.asset("red").unwrap().location().unwrap();
    assert_eq!(red.to_string(), "https://example.com/scenes/red.tif");

    let mut nowhere = scene::json("item-1.1.json");
    nowhere["links"] = json!([{"rel": "self", "href": "./item.json"}]);
    let error = StacItem::from_json(nowhere, None).unwrap().asset("red").unwrap().location().unwrap_err();
    assert!(matches!(&error, Error::RelativeHref { href } if href == "./red.tif"), "{error}");
}

#[tokio::test]
async fn ten_thousand_assets_are_quick() {
    let cog = "image/tiff; application=geotiff; profile=cloud-optimized";
    let assets: serde_json::Map<String, Value> =
        (0..10_000).map(|i| (format!("b{i}"), json!({"href": format!("./{i}.tif?sig={i}"), "type": cog}))).collect();
    let item = with_assets(Value::Object(assets));
    let started = std::time::Instant::now();
    let item = StacItem::from_json(item, None).unwrap();
    let composite = item.composite(&Session::default()).unwrap();
    assert_eq!(composite.len(), 10_000);
    let names: Vec<String> = (0..10_000).rev().map(|i| format!("b{i}")).collect();
    assert_eq!(item.select(&names).unwrap().assets().len(), 10_000);
    let error = item.select(["c"]).unwrap_err().to_string();
    assert!(error.len() < 300, "{error}");
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

/// Dropping a request stops those that are on their way.
#[tokio::test]
async fn dropping_a_request_stops_it() {
    let server = scene::server();
    let (session, item) = open(&server, "item-1.0.json").await;
    server.set_latency(std::time::Duration::from_millis(400));
    let composite = item.composite(&session).unwrap();
    let read = tokio::time::timeout(std::time::Duration::from_millis(100), composite.open()).await;
    assert!(read.is_err());
    assert!(composite.readers().iter().all(|reader| !reader.is_open()));
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert!(composite.readers().iter().all(|reader| !reader.is_open()), "nobody goes on");
    server.set_latency(std::time::Duration::ZERO);
    assert_eq!(composite.open().await.unwrap().len(), 5, "who asks again gets it");
}

/// Files are opened side by side: five with 200 ms of latency cost one of them.
#[tokio::test]
async fn files_are_opened_side_by_side_and_no_more_at_once_than_allowed() {
    let server = scene::server();
    let (session, item) = open(&server, "item-1.0.json").await;
    server.set_latency(std::time::Duration::from_millis(200));
    server.take_log();
    item.composite(&session).unwrap().open().await.unwrap();
    assert_eq!(server.peak_in_flight(), 5);
    server.take_log();
    item.composite(&Session::default()).unwrap().at_once(2).open().await.unwrap();
    assert_eq!(server.peak_in_flight(), 2);
}
