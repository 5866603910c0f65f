//! The scene of `testdata/stac`: five COGs, items that describe them, and what rasterio and rio-tiler read of them.

use std::path::PathBuf;

use cog_testkit::server::Server;
use serde_json::Value;

/// A file of the scene.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/stac").join(name)
}

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

/// A document of the scene.
pub(crate) fn json(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

/// The scene behind HTTP, its items at `/scene/item-1.0.json` and so on.
pub(crate) fn server() -> Server {
    let names = [
        "red.tif",
        "nir.tif",
        "swir.tif",
        "classes.tif",
        "visual.tif",
        "item-0.9.json",
        "item-1.0.json",
        "item-1.1.json",
    ];
    Server::start(names.map(|name| (format!("/scene/{name}"), bytes(name))))
}

/// Paths that were asked for, each as often as it was.
pub(crate) fn asked(server: &Server) -> Vec<String> {
    let mut paths: Vec<String> = server.take_log().into_iter().map(|request| request.path).collect();
    paths.sort();
    paths
}
