//! YCbCr that is not JPEG, of every subsampling, in tiles, strips and planes, is the RGB that libtiff reads (`testdata/ycbcr.py`).

use std::path::Path;

use crate::support::{run, session};
use cog_read::Raster;
use cog_read::io::Source;
use cog_testkit::npy::sha256;
use serde_json::Value;

/// A file with what is said of it.
struct Record {
    about: Value,
    tiff: Vec<u8>,
}

fn records() -> Vec<Record> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/ycbcr.tiffs");
    let bytes = std::fs::read(path).unwrap();
    let (mut rest, mut all) = (bytes.as_slice(), Vec::new());
    while let Some(end) = rest.iter().position(|b| *b == b'\n') {
        let about: Value = serde_json::from_slice(&rest[..end]).unwrap();
        let (tiff, after) = rest[end + 1..].split_at(about["size"].as_u64().unwrap() as usize);
        all.push(Record { tiff: tiff.to_vec(), about });
        rest = after;
    }
    all
}

async fn read(tiff: Vec<u8>) -> cog_read::Result<Raster> {
    session().open_source(Source::from_bytes(tiff.into())).await?.read().await
}

#[test]
fn every_subsampling_in_tiles_strips_and_planes_is_libtiffs_rgb() {
    let (mut same, mut refused, mut wrong) = (0, 0, Vec::new());
    run(async {
        for Record { about, tiff } in records() {
            match (read(tiff).await, about["sha256"].as_str()) {
                (Ok(raster), Some(sha)) if sha256(&raster.pixels.to_le_bytes()) == sha => same += 1,
                (Ok(raster), sha) => {
                    wrong.push(format!("{}: {:?} where libtiff has {sha:?}", about["name"], raster.dim()))
                }
                (Err(_), None) => refused += 1,
                (Err(error), Some(_)) => wrong.push(format!("{}: {error}", about["name"])),
            }
        }
    });
    println!("{same} files are equal, {refused} are refused");
    assert!(wrong.is_empty(), "{} files differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((same, refused), (182, 16));
}

#[test]
fn subsampled_planes_are_refused_by_name() {
    run(async {
        let planar = records().into_iter().find(|r| r.about["name"] == "deflate_2x2_tiles_planar").unwrap();
        let error = read(planar.tiff).await.unwrap_err().to_string();
        assert!(error.contains("subsampled chroma in planes"), "{error}");
    });
}
