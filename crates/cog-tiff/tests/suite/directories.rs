//! IFDs: chains, SubIFDs, limits, damaged entries, defaults.

use crate::forge;
use crate::forge::*;
use cog_tiff::{
    BlockKind, Compression, Error, ErrorClass, Image, Limits, Parser, Photometric, Place, PlanarConfiguration,
    Predictor, Progress, SampleFormat, Tag, TagProblem, Tiff,
};

fn parse_with(bytes: &[u8], limits: Limits) -> Result<Tiff, Error> {
    let mut parser = Parser::new(limits);
    match parser.advance(bytes)? {
        Progress::Complete => parser.finish(),
        Progress::Need(ranges) => panic!("a whole file needs {ranges:?}"),
    }
}

fn image(tags: Vec<forge::Tag>) -> Result<Image, Error> {
    Image::of(&Tiff::parse(&CLASSIC.chain(&[tags])).unwrap().ifds()[0])
}

#[test]
fn a_chain_is_read_in_every_byte_order_and_variant() {
    for forge in ALL {
        let file = forge.chain(&[plain(10, 20), plain(5, 10), plain(2, 5)]);
        let tiff = Tiff::parse(&file).unwrap();
        let sizes: Vec<_> =
            tiff.ifds().iter().map(|ifd| Image::of(ifd).unwrap()).map(|i| (i.width, i.height)).collect();
        assert_eq!(sizes, [(10, 20), (5, 10), (2, 5)]);
    }
}

#[test]
fn a_chain_that_loops_ends_where_it_closes() {
    let ifds = [plain(1, 1), plain(2, 2), plain(3, 3)];
    for back in 0..3 {
        let file = CLASSIC.linked(&ifds, &[Some(1), Some(2), Some(back)]);
        let tiff = Tiff::parse(&file).unwrap();
        assert_eq!((tiff.ifds().len(), tiff.warnings().len()), (3, 1), "back to {back}");
        assert!(tiff.warnings()[0].contains("leads back"), "{:?}", tiff.warnings());
    }
}

#[test]
fn a_sub_ifd_of_two_parents_is_read_once_and_a_cycle_of_parents_ends() {
    let with = |mut tags: Vec<forge::Tag>, subs: &[usize]| {
        tags.push(sub_ifds(subs));
        tags
    };
    // 0 and 1 share 2; 2 names its own parents and itself.
    let ifds = [with(plain(9, 9), &[2, 2]), with(plain(8, 8), &[2]), with(plain(4, 4), &[0, 1, 2])];
    let tiff = Tiff::parse(&CLASSIC.linked(&ifds, &[None, None, None])).unwrap();
    let widths: Vec<_> = tiff.ifds().iter().map(|ifd| ifd.u64(Tag::IMAGE_WIDTH).unwrap()).collect();
    assert_eq!(widths, [9, 4, 8]);
    assert_eq!(tiff.place(0), Some(Place::Chain));
    assert_eq!((tiff.place(1), tiff.place(2)), (Some(Place::SubIfd(0)), Some(Place::SubIfd(1))));
}

#[test]
fn an_ifd_behind_the_end_of_the_file_ends_the_chain_but_not_as_the_first_one() {
    let mut file = CLASSIC.chain(&[plain(3, 3)]);
    let next = 8 + 2 + 5 * 12;
    file[next..next + 4].copy_from_slice(&0x00ff_ffff_u32.to_le_bytes());
    let tiff = Tiff::parse(&file).unwrap();
    assert_eq!(tiff.ifds().len(), 1);
    assert_eq!(
        tiff.warnings(),
        [
            "the chain of IFDs ends early, after 1: IFD: offset 16777215 with length 2 is out of bounds for a 74-byte file"
        ]
    );
    file[4..8].copy_from_slice(&0x00ff_ffff_u32.to_le_bytes());
    let error = Tiff::parse(&file).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Format);
    assert_eq!(error.to_string(), "IFD: offset 16777215 with length 2 is out of bounds for a 74-byte file");
}

#[test]
fn a_bigtiff_with_a_nonsense_number_of_entries_is_damaged_and_not_over_a_limit() {
    for count in [u64::MAX, u64::MAX / 20, 1 << 40] {
        let mut file = BIG.chain(&[plain(3, 3)]);
        file[16..24].copy_from_slice(&count.to_le_bytes());
        let mut limits = Limits::default();
        limits.max_entries = u64::MAX;
        let error = parse_with(&file, limits).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Format, "{error}");
    }
}

#[test]
fn each_limit_names_itself_when_it_is_reached() {
    let limits = |set: fn(&mut Limits)| {
        let mut limits = Limits::default();
        set(&mut limits);
        limits
    };
    let name = |result: Result<Tiff, Error>| match result {
        Err(Error::Limit { name, value, limit }) => (name, value > limit),
        other => panic!("{other:?}"),
    };
    let file = CLASSIC.chain(&[plain(1, 1), plain(1, 1), plain(1, 1)]);
    assert_eq!(name(parse_with(&file, limits(|l| l.max_ifds = 2))), ("max_ifds", true));
    assert!(parse_with(&file, limits(|l| l.max_ifds = 3)).is_ok());
    assert_eq!(name(parse_with(&file, limits(|l| l.max_entries = 4))), ("max_entries", true));
    assert!(parse_with(&file, limits(|l| l.max_entries = 5)).is_ok());
    assert_eq!(name(parse_with(&file, limits(|l| l.max_header_bytes = 200))), ("max_header_bytes", true));

    let mut tags = plain(1, 1);
    tags.push(ascii(65000, &[7; 5000]));
    let file = CLASSIC.chain(&[tags]);
    let tiff = Tiff::parse(&file).unwrap();
    let value = |max| tiff.ifds()[0].lookup_value(&file[..], Tag(65000), &limits(max));
    assert_eq!(value(|l| l.max_value_bytes = 5000).unwrap().unwrap().bytes(), Some(&[7; 5000][..]));
    let error = format!("{:?}", value(|l| l.max_value_bytes = 4999).unwrap_err());
    assert!(error.contains("max_value_bytes"), "{error}");
}

#[test]
fn sub_ifds_without_end_are_over_the_limit() {
    let mut tags = plain(1, 1);
    tags.push(longs(330, &(1_000_000..1_100_000).collect::<Vec<u32>>()));
    let error = Tiff::parse(&CLASSIC.chain(&[tags])).unwrap_err();
    assert_eq!(error, Error::Limit { name: "max_ifds", value: 100_000, limit: 65_536 });
}

#[test]
fn values_that_overlap_do_not_multiply_beyond_the_budget() {
    // 60,000 tags of 2048 SHORTs, all at the same place: 240 MB to read, 960 MB to keep.
    let tags: Vec<_> = (0..60_000).map(|i| pointer(i, 3, 2048, 8)).collect();
    let mut file = CLASSIC.chain(&[tags]);
    file.resize(file.len() + 8192, 0);
    match Tiff::parse(&file) {
        Err(Error::Limit { name: "max_header_bytes", value, limit }) => assert!(value < limit + 65_536, "{value}"),
        other => panic!("{:?}", other.map(|t| t.ifds().len())),
    }
}

#[test]
fn an_unknown_field_type_costs_its_tag_only() {
    let mut tags = plain(7, 7);
    tags.push(pointer(60_000, 99, 12, 4_000_000_000));
    let tiff = Tiff::parse(&CLASSIC.chain(&[tags])).unwrap();
    let ifd = &tiff.ifds()[0];
    assert_eq!(Image::of(ifd).unwrap().width, 7);
    assert_eq!(ifd.entry(Tag(60_000)).map(|e| e.field_type.code()), Some(99));
    assert_eq!(ifd.warnings().collect::<Vec<_>>(), [(Tag(60_000), &TagProblem::Type(99))]);
}

#[test]
fn a_value_behind_the_end_of_the_file_or_of_numbers_costs_its_tag_only() {
    for (forge, count, offset) in [
        (CLASSIC, 100, 4_000_000_000),
        (CLASSIC, u64::from(u32::MAX), 8),
        (BIG, u64::MAX / 4, 16),
        (BIG, 9, u64::MAX - 3),
    ] {
        let mut tags = plain(7, 7);
        tags.push(pointer(270, 12, count, offset));
        let tiff = Tiff::parse(&forge.chain(&[tags])).unwrap();
        let ifd = &tiff.ifds()[0];
        assert_eq!(ifd.value(Tag::IMAGE_DESCRIPTION), None);
        assert_eq!(ifd.warnings().map(|(tag, _)| tag).collect::<Vec<_>>(), [Tag::IMAGE_DESCRIPTION]);
    }
}

#[test]
fn the_first_of_two_equal_tags_counts() {
    let mut tags = plain(7, 7);
    tags.push(shorts(256, &[99]));
    assert_eq!(image(tags).unwrap().width, 7);
}

#[test]
fn an_ifd_with_as_many_entries_as_there_can_be_is_read_quickly() {
    // Descending, so that no order helps.
    let tags: Vec<_> = (0..65_535u16).rev().map(|i| pointer(i, 3, 1, 5)).collect();
    let started = std::time::Instant::now();
    let tiff = Tiff::parse(&CLASSIC.chain(&[tags])).unwrap();
    assert_eq!(tiff.ifds()[0].tags().count(), 65_535);
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn an_ifd_at_the_very_end_needs_no_offset_of_a_next_one() {
    let ifds = [plain(6, 6)];
    for forge in ALL {
        let mut file = forge.chain(&ifds);
        file.truncate(file.len() - if forge.big { 8 } else { 4 });
        let tiff = Tiff::parse(&file).unwrap();
        assert_eq!((tiff.ifds().len(), tiff.ifds()[0].next_ifd()), (1, 0));
    }
}

#[test]
fn an_image_without_tags_but_its_size_has_the_defaults_of_tiff() {
    let image = image(vec![shorts(256, &[30]), longs(257, &[40]), longs(273, &[8])]).unwrap();
    assert_eq!((image.samples, image.bits, image.sample_format), (1, 1, SampleFormat::Uint));
    assert_eq!((image.compression, image.predictor), (Compression::None, Predictor::None));
    assert_eq!((image.photometric, image.planar), (Photometric::MinIsBlack, PlanarConfiguration::Chunky));
    assert_eq!((image.orientation, image.ycbcr_subsampling), (1, (2, 2)));
    assert_eq!((image.grid.kind, image.grid.block_width, image.grid.block_height), (BlockKind::Strip, 30, 40));
}

#[test]
fn rows_per_strip_of_0_or_the_greatest_number_or_none_mean_one_strip() {
    for rows in [Some(0), Some(u32::MAX), Some(41), None] {
        let mut tags = plain(30, 40);
        tags.extend(rows.map(|rows| longs(278, &[rows])));
        let image = image(tags).unwrap();
        assert_eq!((image.grid.block_height, image.grid.count()), (40, 1), "{rows:?}");
    }
}

#[test]
fn planes_of_one_sample_are_chunky() {
    let mut tags = plain(30, 40);
    tags.push(shorts(284, &[2]));
    assert_eq!(image(tags.clone()).unwrap().planar, PlanarConfiguration::Chunky);
    tags.push(shorts(277, &[3]));
    let image = image(tags).unwrap();
    assert_eq!((image.planar, image.grid.planes, image.grid.count()), (PlanarConfiguration::Planar, 3, 3));
}

#[test]
fn sizes_may_be_of_any_integer_type() {
    for (field_type, size) in [(1, 1), (3, 2), (4, 4), (6, 1), (8, 2), (9, 4), (16, 8), (17, 8)] {
        let mut tags = vec![numbers(256, field_type, size, vec![100]), numbers(257, field_type, size, vec![50])];
        tags.push(longs(273, &[8]));
        assert_eq!(image(tags).map(|i| (i.width, i.height)), Ok((100, 50)), "type {field_type}");
    }
}

#[test]
fn impossible_sizes_are_errors_that_name_the_tag() {
    for (width, height) in [(0, 5), (5, 0), (0x8000_0000, 5)] {
        let error = image(vec![longs(256, &[width]), longs(257, &[height]), longs(273, &[8])]).unwrap_err();
        assert!(matches!(error, Error::Tag { problem: TagProblem::Value(_), .. }), "{error}");
    }
    let error = image(vec![longs(256, &[5])]).unwrap_err();
    assert_eq!(error.to_string(), "IFD at offset 8: tag 257 (ImageLength) is missing");
}

#[test]
fn damage_to_a_tag_that_decides_about_pixels_is_no_default() {
    for code in [258, 259, 277, 278, 284, 317, 339] {
        for damaged in
            [pointer(code, 3, 60_000, 3_000_000_000), pointer(code, 99, 1, 0), numbers(code, 4, 4, vec![70_000])]
        {
            let mut tags = plain(5, 5);
            tags.retain(|_| code != 258);
            if code == 258 {
                tags = vec![shorts(256, &[5]), shorts(257, &[5]), longs(273, &[8])];
            }
            tags.push(damaged);
            // 70,000 rows are all rows.
            let result = image(tags);
            let many_rows = code == 278 && result.as_ref().is_ok_and(|i| i.grid.block_height == 5);
            assert!(
                matches!(result, Err(Error::Tag { tag, .. }) if tag == Tag(code)) || many_rows,
                "{code}: {result:?}"
            );
        }
    }
}
