//! What IFDs are to each other: images, overviews, masks, pages.

use crate::forge::*;
use cog_tiff::{Level, Page, Tiff};

/// An image of `side` × `side` pixels with these bits of NewSubfileType.
fn image(side: u16, subfile: Option<u32>) -> Vec<Tag> {
    let mut tags = plain(side, side);
    tags.extend(subfile.map(|bits| longs(254, &[bits])));
    tags
}

fn pages(ifds: &[Vec<Tag>]) -> Vec<Page> {
    Tiff::parse(&CLASSIC.chain(ifds)).unwrap().pages().to_vec()
}

fn level(ifd: usize, mask: Option<usize>) -> Level {
    Level { ifd, mask }
}

#[test]
fn masks_are_paired_by_size_whatever_lies_between() {
    // The COG driver's order: image, mask, overviews, masks of the overviews.
    let found = pages(&[
        image(64, None),
        image(64, Some(4)),
        image(32, Some(1)),
        image(16, Some(1)),
        image(32, Some(5)),
        image(16, Some(5)),
    ]);
    let overviews = vec![level(2, Some(4)), level(3, Some(5))];
    assert_eq!(found, [Page { full: level(0, Some(1)), overviews }]);
}

#[test]
fn bits_decide_and_not_the_place_or_the_whole_number() {
    // 0 is a full image as well as no tag; bit 1 (a page) beside bit 0 changes nothing.
    let found = pages(&[image(64, Some(0)), image(32, Some(3)), image(48, Some(2)), image(16, Some(1))]);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], Page { full: level(0, None), overviews: vec![level(1, None)] });
    assert_eq!(found[1], Page { full: level(2, None), overviews: vec![level(3, None)] });
}

#[test]
fn the_first_ifd_is_an_image_whatever_it_calls_itself() {
    for bits in [1, 4, 5] {
        assert_eq!(pages(&[image(64, Some(bits))]), [Page { full: level(0, None), overviews: vec![] }]);
    }
}

#[test]
fn overviews_and_masks_in_sub_ifds_belong_to_their_parent() {
    let with = |mut tags: Vec<Tag>, subs: &[usize]| {
        tags.push(sub_ifds(subs));
        tags
    };
    let ifds = [
        with(image(64, None), &[2]),
        with(image(64, None), &[3, 4]),
        image(32, Some(1)),
        image(32, Some(1)),
        image(64, Some(4)),
    ];
    let tiff = Tiff::parse(&CLASSIC.linked(&ifds, &[Some(1), None, None, None, None])).unwrap();
    // Each parent is followed by its SubIFDs.
    let first = Page { full: level(0, None), overviews: vec![level(1, None)] };
    let second = Page { full: level(2, Some(4)), overviews: vec![level(3, None)] };
    assert_eq!(tiff.pages(), [first, second]);
}

#[test]
fn a_second_mask_of_a_size_goes_to_the_next_image_of_that_size() {
    let found = pages(&[image(8, None), image(8, Some(1)), image(8, Some(4)), image(8, Some(4)), image(8, Some(4))]);
    assert_eq!(found, [Page { full: level(0, Some(2)), overviews: vec![level(1, Some(3))] }]);
}

#[test]
fn thirty_thousand_masks_and_overviews_are_sorted_quickly() {
    let mut ifds = vec![image(9, None)];
    ifds.extend((0..30_000).map(|_| image(9, Some(1))));
    ifds.extend((0..30_000).map(|_| image(9, Some(4))));
    let file = CLASSIC.chain(&ifds);
    let started = std::time::Instant::now();
    let tiff = Tiff::parse(&file).unwrap();
    let page = &tiff.pages()[0];
    assert_eq!((page.overviews.len(), page.overviews[29_998].mask), (30_000, Some(60_000)));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

/// An image of these sides.
fn sides(width: u16, height: u16, subfile: u32) -> Vec<Tag> {
    let mut tags = plain(width, height);
    tags.push(longs(254, &[subfile]));
    tags
}

#[test]
fn each_full_image_has_the_reduced_ones_and_masks_that_follow_it() {
    let found = pages(&[
        image(64, Some(2)),
        image(64, Some(4)),
        image(32, Some(1)),
        image(64, Some(2)),
        image(32, Some(1)),
        image(16, Some(1)),
        image(64, Some(4)),
        image(32, Some(5)),
    ]);
    let first = Page { full: level(0, Some(1)), overviews: vec![level(2, None)] };
    let second = Page { full: level(3, Some(6)), overviews: vec![level(4, Some(7)), level(5, None)] };
    assert_eq!(found, [first, second]);
}

#[test]
fn a_reduced_image_goes_back_to_the_full_image_whose_shape_it_fits() {
    // All full images first, as by `gdaladdo` on a file of several; 101 × 67 is halved by rounding up and down.
    let found = pages(&[
        sides(101, 67, 0),
        sides(200, 20, 0),
        sides(51, 34, 1),
        sides(100, 10, 1),
        sides(25, 16, 1),
        sides(50, 5, 1),
        sides(30, 30, 1),
    ]);
    let first = Page { full: level(0, None), overviews: vec![level(2, None), level(4, None)] };
    let second = Page { full: level(1, None), overviews: vec![level(3, None), level(5, None)] };
    assert_eq!(found, [first, second]);
}

#[test]
fn what_follows_the_only_full_image_is_its_own_whatever_its_shape() {
    // As GDAL: overviews of 32 × 10 and 100 × 100 pixels.
    let found = pages(&[sides(64, 64, 0), sides(32, 10, 1), sides(100, 100, 1), sides(64, 64, 0)]);
    let overviews = vec![level(1, None), level(2, None)];
    assert_eq!(found, [Page { full: level(0, None), overviews }, Page { full: level(3, None), overviews: vec![] }]);
}

#[test]
fn thirty_thousand_pages_of_a_shape_that_nothing_fits_are_sorted_quickly() {
    let mut ifds: Vec<_> = (0..30_000).map(|_| sides(90, 9, 0)).collect();
    ifds.extend((0..30_000).map(|_| sides(8, 8, 1)));
    let file = CLASSIC.chain(&ifds);
    let started = std::time::Instant::now();
    assert_eq!(Tiff::parse(&file).unwrap().pages().len(), 30_000);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
