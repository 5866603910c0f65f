//! GDAL's `GTIFF_DIR:`: sizes and sums of samples are those of GDAL 3.10 for the same names.

use crate::support::{file, run, session};
use cog_read::{Cog, Error, UsageProblem};

async fn open(prefix: &str, name: &str) -> cog_read::Result<Cog> {
    session().open(&format!("{prefix}{}", file(name).path.to_str().unwrap())).await
}

/// Bands, height, width, and the sum of all samples.
async fn shown(cog: &Cog) -> ([usize; 3], u64) {
    let raster = cog.read().await.unwrap();
    let (bands, height, width) = raster.dim();
    let size = raster.pixels.sample_type().size();
    let samples = raster.pixels.to_le_bytes();
    let sum = samples.chunks(size).map(|le| {
        let mut all = [0; 8];
        all[..size].copy_from_slice(le);
        u64::from_le_bytes(all)
    });
    ([bands, height, width], sum.sum())
}

#[test]
fn a_directory_is_the_one_that_gdal_counts() {
    run(async {
        for (prefix, name, dim, sum) in [
            ("GTIFF_DIR:1:", "pages_of_different_kinds", [1, 48, 56], 106_278_539),
            ("GTIFF_DIR:2:", "pages_of_different_kinds", [1, 20, 30], 78_129),
            ("gtiff_dir:off:5916:", "pages_of_different_kinds", [1, 20, 30], 78_129),
            ("GTIFF_DIR:1:", "subifd_overviews", [1, 128, 112], 1_682_694),
            ("GTIFF_DIR:off:15300:", "subifd_overviews", [1, 32, 28], 106_099),
            ("GTIFF_DIR:2:", "cog_deflate_uint16_mask", [1, 140, 150], 18_779),
            ("GTIFF_DIR:3:", "cog_deflate_uint16_mask", [1, 70, 75], 150_719_077),
            ("GTIFF_DIR:off:1298:", "cog_deflate_uint16_mask", [1, 35, 37], 1192),
        ] {
            let cog = open(prefix, name).await.unwrap();
            assert_eq!(shown(&cog).await, (dim, sum), "{prefix}{name}");
        }
        let third = open("GTIFF_DIR:3:", "pages_of_different_kinds").await.unwrap();
        let profile = third.profile().unwrap();
        assert_eq!((profile.width, profile.height, profile.count), (35, 25, 1));
    });
}

#[test]
fn an_overview_stands_alone_and_a_full_image_is_its_page() {
    run(async {
        let overview = open("GTIFF_DIR:3:", "cog_deflate_uint16_mask").await.unwrap();
        assert_eq!(overview.levels().unwrap().len(), 1);
        let profile = overview.profile().unwrap();
        assert!(profile.overviews.is_empty() && profile.georeference.transform().is_none());
        assert_eq!(open("GTIFF_DIR:1:", "cog_deflate_uint16_mask").await.unwrap().levels().unwrap().len(), 3);
        assert_eq!(overview.page(0).unwrap().levels().unwrap().len(), 3);
    });
}

#[test]
fn a_directory_that_is_not_there_is_counted() {
    run(async {
        for (prefix, named) in [("GTIFF_DIR:4:", "directory 4"), ("GTIFF_DIR:off:9:", "a directory at offset 9")] {
            match open(prefix, "pages_of_different_kinds").await.unwrap_err() {
                Error::Usage { problem: UsageProblem::NoSuchDirectory { wanted, count: 3 }, .. } => {
                    assert_eq!(wanted, named)
                }
                other => panic!("{other}"),
            }
        }
    });
}
