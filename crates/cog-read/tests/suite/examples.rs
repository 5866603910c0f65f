//! The examples do what they say. Expected values are rasterio's.

#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/many_files.rs"]
mod many_files;
#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/url.rs"]
mod url;

use cog_testkit::server::Server;

use crate::support::{bytes, file, run, session};

#[test]
fn a_url_is_looked_at_with_two_requests() {
    let server = Server::start([("/a.tif", bytes("cog_deflate_uint16_mask").to_vec())]);
    run(async {
        let text = url::look(&server.url("/a.tif"), 75).await.unwrap();
        let told = "150 × 140, 1 × uint16, EPSG:32633\nread 1 × 70 × 75 from level 1\n4731 of 5250 pixels have data\n";
        let cost = text.strip_prefix(told).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(cost.split_once(" requests, ").unwrap().0, server.log().len().to_string());
        assert!(server.log().len() <= 2, "{cost}");
    });
}

#[test]
fn of_many_files_one_that_is_missing_or_damaged_does_not_stop_the_others() {
    let path = |name: &str| file(name).path.to_str().unwrap().to_owned();
    let folder = std::path::PathBuf::from(path("cog_web_mercator")).parent().unwrap().to_owned();
    let damaged = folder.join("malformed/not_a_tiff.tif").to_str().unwrap().to_owned();
    let locations =
        [path("cog_deflate_uint16_mask"), "no-such.tif".to_owned(), damaged, path("cog_lzw_p2_int16_nodata")];
    run(async {
        let lines = many_files::means(&session(), &locations).await;
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], format!("{}: 31725.89", locations[0]));
        assert_eq!(lines[1], "missing: no-such.tif: not found");
        assert!(lines[2].starts_with("format: ") && lines[2].contains("not a TIFF"), "{}", lines[2]);
        assert_eq!(lines[3], format!("{}: -1312.24", locations[3]));
    });
}
