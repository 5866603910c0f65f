//! Ways to open a file, and what an opened one says of itself.

use std::sync::Arc;

use cog_read::io::object_store::{ObjectStoreExt, memory::InMemory, path::Path};
use cog_read::{Bounds, Cog};

use crate::support::{file, run};

const NAME: &str = "cog_deflate_uint16_mask";

#[test]
fn a_path_bytes_a_file_and_a_store_give_the_same_image() {
    run(async {
        let path = file(NAME).path;
        let bytes = std::fs::read(&path).unwrap();
        let store = InMemory::new();
        store.put(&Path::from("a.tif"), bytes.clone().into()).await.unwrap();
        let all = [
            Cog::open(&path).await.unwrap(),
            Cog::open(path.to_str().unwrap()).await.unwrap(),
            Cog::from_bytes(bytes).await.unwrap(),
            Cog::from_file(std::fs::File::open(&path).unwrap(), "a.tif").await.unwrap(),
            Cog::from_store(Arc::new(store), Path::from("a.tif")).await.unwrap(),
        ];
        let first = all[0].read().await.unwrap();
        for cog in &all {
            assert_eq!(cog.read().await.unwrap().pixels, first.pixels, "{}", cog.location());
        }
    });
}

/// Values of rasterio: see testdata/expected.
#[test]
fn an_opened_file_says_what_it_is() {
    run(async {
        let cog = Cog::open(file(NAME).path).await.unwrap();
        assert_eq!((cog.width().unwrap(), cog.height().unwrap(), cog.bands().unwrap()), (150, 140, 1));
        assert_eq!(cog.dtype().unwrap(), "uint16");
        assert_eq!(cog.transform().unwrap().unwrap().to_array(), [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_300_040.0]);
        assert_eq!(cog.bounds().unwrap(), Some(Bounds::new(399_960.0, 5_298_640.0, 401_460.0, 5_300_040.0)));
        assert_eq!(cog.nodata().unwrap(), None);
        let none = Cog::open(file("no_georeference").path).await.unwrap();
        assert_eq!((none.transform().unwrap(), none.bounds().unwrap()), (None, None));
    });
}
