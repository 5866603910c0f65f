//! Signed and complex samples of depths that are no type of theirs: as GDAL reads them.

use crate::forge::{Order, Page, SAMPLE_FORMAT, tiff};
use crate::support::{open_bytes, run, session};
use cog_testkit::npy::sha256;

/// 5 × 2 pixels.
fn odd(format: u16, bits: u16, samples: u16, order: Order) -> Vec<u8> {
    let row = (5 * usize::from(samples * bits)).div_ceil(8);
    let block: Vec<u8> = (0..2 * row).map(|i| (i * 73 + 41) as u8).collect();
    let formats = vec![format; samples.into()];
    tiff(&[Page::new(5, 2, samples, bits, &block).with(SAMPLE_FORMAT, &formats)], order)
}

/// (SampleFormat, bits, samples, big-endian, type, sha256 of the pixels): what rasterio 1.4.4 (GDAL 3.10.3) reads.
#[rustfmt::skip]
const KINDS: &[(u16, u16, u16, bool, &str, &str)] = &[
    (2, 1, 1, false, "uint8", "22b96352067f8fda"),
    (2, 1, 1, true, "uint8", "22b96352067f8fda"),
    (2, 1, 3, false, "uint8", "e00f88b724ac24ba"),
    (2, 1, 3, true, "uint8", "e00f88b724ac24ba"),
    (2, 2, 1, false, "uint8", "c89c9f9106931b12"),
    (2, 2, 1, true, "uint8", "c89c9f9106931b12"),
    (2, 2, 3, false, "uint8", "e076cfba10c3cf0c"),
    (2, 2, 3, true, "uint8", "e076cfba10c3cf0c"),
    (2, 4, 1, false, "uint8", "27dc6ee0ada22948"),
    (2, 4, 1, true, "uint8", "27dc6ee0ada22948"),
    (2, 4, 3, false, "uint8", "23a7a1dac80075e1"),
    (2, 4, 3, true, "uint8", "23a7a1dac80075e1"),
    (2, 12, 1, false, "uint16", "ac7230eef84417bd"),
    (2, 12, 1, true, "uint16", "ac7230eef84417bd"),
    (2, 12, 3, false, "uint16", "861af77db42e7194"),
    (2, 12, 3, true, "uint16", "861af77db42e7194"),
    (2, 20, 1, false, "uint32", "9258369b78b4d512"),
    (2, 20, 1, true, "uint32", "9258369b78b4d512"),
    (2, 20, 3, false, "uint32", "7855f229d449da9a"),
    (2, 20, 3, true, "uint32", "7855f229d449da9a"),
    (2, 24, 1, false, "uint32", "2f15d8a038952c67"),
    (2, 24, 1, true, "uint32", "d82bf7b3f93fb766"),
    (2, 24, 3, false, "uint32", "e4e29ea5875cedc3"),
    (2, 24, 3, true, "uint32", "8330f6c12a6e016f"),
    (4, 1, 1, false, "uint8", "22b96352067f8fda"),
    (4, 1, 1, true, "uint8", "22b96352067f8fda"),
    (5, 1, 1, false, "uint8", "22b96352067f8fda"),
    (5, 1, 1, true, "uint8", "22b96352067f8fda"),
    (5, 8, 1, false, "uint8", "06e31f7c7bbe4649"),
    (5, 8, 1, true, "uint8", "06e31f7c7bbe4649"),
    (5, 8, 3, false, "uint8", "f66a4286d807fb75"),
    (5, 8, 3, true, "uint8", "f66a4286d807fb75"),
    (5, 16, 1, false, "uint16", "ac73e6efc40abb36"),
    (5, 16, 1, true, "uint16", "54d11f7dffa5ae2b"),
    (5, 16, 3, false, "uint16", "c5a1de07eafc0de7"),
    (5, 16, 3, true, "uint16", "5c8fa0d0231fb2ef"),
    (5, 32, 1, false, "complex64", "216fdfd7b3269634"),
    (5, 32, 1, true, "complex64", "6449ad9b59b45b4e"),
    (5, 32, 3, false, "complex64", "0fde8cd51d2c09c3"),
    (5, 32, 3, true, "complex64", "1d723fff97f2c07c"),
    (5, 64, 1, false, "complex64", "773a42caf2875dc0"),
    (5, 64, 1, true, "complex64", "80ee63c211e92aaa"),
    (5, 64, 3, false, "complex64", "a5d907854c1363f8"),
    (5, 64, 3, true, "complex64", "ac8989b67fb04f72"),
    (6, 1, 1, false, "uint8", "22b96352067f8fda"),
    (6, 1, 1, true, "uint8", "22b96352067f8fda"),
    (6, 8, 1, false, "uint8", "06e31f7c7bbe4649"),
    (6, 8, 1, true, "uint8", "06e31f7c7bbe4649"),
    (6, 8, 3, false, "uint8", "f66a4286d807fb75"),
    (6, 8, 3, true, "uint8", "f66a4286d807fb75"),
    (6, 16, 1, false, "uint16", "ac73e6efc40abb36"),
    (6, 16, 1, true, "uint16", "54d11f7dffa5ae2b"),
    (6, 16, 3, false, "uint16", "c5a1de07eafc0de7"),
    (6, 16, 3, true, "uint16", "5c8fa0d0231fb2ef"),
    (6, 32, 1, false, "uint32", "bfecfc740ebcd3b5"),
    (6, 32, 1, true, "uint32", "b2f79cfb5f409120"),
    (6, 32, 3, false, "uint32", "53863fdba0eefb5b"),
    (6, 32, 3, true, "uint32", "b8e6b9f8de1e109b"),
];

#[test]
fn odd_depths_are_read_as_gdal_reads_them() {
    run(async {
        for &(format, bits, samples, big, name, sha) in KINDS {
            let what = format!("format {format}, {bits} bits, {samples} samples, big-endian {big}");
            let order = if big { Order::Big } else { Order::Little };
            let cog = open_bytes(&session(), odd(format, bits, samples, order)).await;
            let raster = cog.read().await.unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(raster.pixels.sample_type().name(), name, "{what}");
            assert_eq!(cog.profile().unwrap().sample_type.name(), name, "{what}");
            assert!(sha256(&raster.pixels.to_le_bytes()).starts_with(sha), "{what}: {:?}", raster.pixels);
        }
    });
}

#[test]
fn depths_that_gdal_refuses_are_refused_by_name() {
    run(async {
        for (format, bits) in [(5, 12), (5, 24), (5, 4), (6, 12), (6, 96), (2, 48), (3, 12), (3, 8)] {
            let cog = open_bytes(&session(), odd(format, bits, 1, Order::Little)).await;
            let error = cog.read().await.unwrap_err().to_string();
            assert!(error.contains(&bits.to_string()), "format {format}, {bits} bits: {error}");
        }
    });
}
