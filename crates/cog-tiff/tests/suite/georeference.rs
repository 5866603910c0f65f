//! GeoTIFF tags: transforms, ground control points, GeoKeys.

use crate::forge::*;
use cog_tiff::{Gcp, GeoKey, GeoKeyValue, GeoKeys, Georeference, Tiff};

fn with(tags: Vec<Tag>) -> Tiff {
    let mut all = plain(10, 10);
    all.extend(tags);
    Tiff::parse(&CLASSIC.chain(&[all])).unwrap()
}

fn transform(tags: Vec<Tag>) -> Option<[f64; 6]> {
    Georeference::of(&with(tags).ifds()[0]).transform().map(|t| t.to_array())
}

fn keys(tags: Vec<Tag>) -> Option<GeoKeys> {
    GeoKeys::of(&with(tags).ifds()[0])
}

/// GTRasterTypeGeoKey: RasterPixelIsPoint.
fn point() -> Tag {
    shorts(34735, &[1, 1, 0, 1, 1025, 0, 1, 2])
}

#[test]
fn where_pixels_are_points_the_transform_shifts_by_half_a_pixel() {
    let tags = vec![doubles(33550, &[10.0, 10.0, 0.0]), doubles(33922, &[0.0, 0.0, 0.0, 1005.0, 1995.0, 0.0])];
    assert_eq!(transform(tags.clone()), Some([10.0, 0.0, 1005.0, 0.0, -10.0, 1995.0]));
    let tags = [tags, vec![point()]].concat();
    assert_eq!(transform(tags), Some([10.0, 0.0, 1000.0, 0.0, -10.0, 2000.0]));
}

#[test]
fn a_tie_point_may_be_anywhere_and_scale_y_is_north_up_whatever_its_sign() {
    for sy in [10.0, -10.0] {
        let tags = vec![doubles(33550, &[5.0, sy, 0.0]), doubles(33922, &[2.0, 3.0, 0.0, 100.0, 200.0, 0.0])];
        assert_eq!(transform(tags), Some([5.0, 0.0, 90.0, 0.0, -10.0, 230.0]));
    }
}

#[test]
fn a_matrix_may_rotate_and_yields_to_scale_and_tie_point() {
    let matrix = doubles(34264, &[2.0, 1.0, 0.0, 50.0, 1.0, -2.0, 0.0, 60.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(transform(vec![matrix.clone()]), Some([2.0, 1.0, 50.0, 1.0, -2.0, 60.0]));
    // Half a pixel back along both axes.
    assert_eq!(transform(vec![matrix.clone(), point()]), Some([2.0, 1.0, 48.5, 1.0, -2.0, 60.5]));
    let scaled = vec![doubles(33550, &[5.0, 5.0, 0.0]), doubles(33922, &[0.0, 0.0, 0.0, 1.0, 2.0, 0.0]), matrix];
    assert_eq!(transform(scaled), Some([5.0, 0.0, 1.0, 0.0, -5.0, 2.0]));
}

#[test]
fn a_scale_without_a_whole_tie_point_sizes_pixels_at_the_origin() {
    // As GDAL 3.10: not shifted where pixels are points, and before a matrix.
    let scale = doubles(33550, &[10.0, -10.0, 0.0]);
    let sized = Some([10.0, 0.0, 0.0, 0.0, -10.0, 0.0]);
    let matrix = doubles(34264, &[2.0, 1.0, 0.0, 50.0, 1.0, -2.0, 0.0, 60.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(transform(vec![scale.clone()]), sized);
    assert_eq!(transform(vec![scale.clone(), point()]), sized);
    assert_eq!(transform(vec![scale.clone(), matrix]), sized);
    assert_eq!(transform(vec![scale, doubles(33922, &[0.0, 0.0, 0.0, 5.0, 6.0])]), sized);
    assert_eq!(transform(vec![doubles(33550, &[10.0, 0.0, 0.0])]), None);
    assert_eq!(transform(vec![doubles(34264, &[1.0; 15])]), None);
}

#[test]
fn a_code_beyond_those_of_epsg_is_none() {
    for code in [0, 32767, 32768, 40_000, 65_535] {
        let keys = keys(vec![shorts(34735, &[1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, code, 4096, 0, 1, code])]).unwrap();
        assert_eq!((keys.epsg(), keys.crs_epsg(), keys.vertical_epsg()), (None, None, None), "{code}");
    }
}

#[test]
fn tie_points_without_a_scale_are_ground_control_points() {
    let ties = doubles(33922, &[0.0, 0.0, 0.0, 7.0, 47.0, 1.0, 10.0, 5.0, 0.0, 8.0, 46.0, 2.0]);
    let points = |tags| match Georeference::of(&with(tags).ifds()[0]) {
        Georeference::Gcps(points) => points.iter().map(|p: &Gcp| [p.column, p.row, p.x, p.y, p.z]).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(points(vec![ties.clone()]), [[0.0, 0.0, 7.0, 47.0, 1.0], [10.0, 5.0, 8.0, 46.0, 2.0]]);
    assert_eq!(points(vec![ties, point()]), [[0.5, 0.5, 7.0, 47.0, 1.0], [10.5, 5.5, 8.0, 46.0, 2.0]]);
    assert_eq!(Georeference::of(&with(vec![]).ifds()[0]), Georeference::None);
}

#[test]
fn keys_with_bad_places_or_counts_are_skipped_and_the_others_stay() {
    let directory = [
        [1, 1, 0, 6],
        [1024, 0, 1, 1],
        [1026, 34737, 9, 400], // starts behind the text
        [2057, 34736, 3, 0],   // more doubles than there are
        [2049, 34737, 90, 4],  // reaches over the end of the text
        [2061, 40_000, 1, 0],  // no such place
        [3072, 0, 1, 32633],
    ];
    let keys =
        keys(vec![shorts(34735, &directory.concat()), doubles(34736, &[1.5, 2.5]), ascii(34737, b"abc|WGS 84\0")])
            .unwrap();
    assert_eq!(keys.iter().map(|(key, _)| key.0).collect::<Vec<_>>(), [1024, 2049, 3072]);
    assert_eq!((keys.epsg(), keys.text(GeoKey::GEODETIC_CITATION)), (Some(32633), Some("WGS 84")));
}

#[test]
fn text_may_end_with_a_bar_or_without_and_a_directory_may_promise_too_much() {
    let keys = keys(vec![
        shorts(34735, &[1, 1, 0, 900, 1026, 34737, 4, 0, 2049, 34737, 3, 4, 3072, 0]),
        ascii(34737, b"one|two\0"),
    ])
    .unwrap();
    assert_eq!((keys.text(GeoKey::CITATION), keys.text(GeoKey::GEODETIC_CITATION)), (Some("one"), Some("two")));
    assert_eq!(keys.get(GeoKey::PROJECTED_CRS), None);
    assert!(super_short(&[]).is_none() && super_short(&[1, 1, 0]).is_none());
}

fn super_short(directory: &[u16]) -> Option<GeoKeys> {
    keys(vec![shorts(34735, directory)])
}

#[test]
fn keys_that_share_their_parameters_do_not_multiply_them() {
    // 60,000 keys that each want the same 60,000 doubles: 29 GB.
    let mut directory = vec![1, 1, 0, 60_000];
    for key in 0..60_000 {
        directory.extend([key, 34736, 60_000, 0]);
    }
    let keys = keys(vec![shorts(34735, &directory), doubles(34736, &vec![0.5; 60_000])]).unwrap();
    let doubles: usize = keys.iter().map(|(_, v)| if let GeoKeyValue::Doubles(v) = v { v.len() } else { 0 }).sum();
    assert!((60_000..=131_072).contains(&doubles), "{doubles}");
}
