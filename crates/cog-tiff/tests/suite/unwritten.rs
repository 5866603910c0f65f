//! Blocks that were never written, told many at a time, and tables that end behind their file.

use std::borrow::Cow;
use std::ops::Range;

use crate::forge::*;
use cog_tiff::{BlockTable, Error, Image, KnownBytes, Stop, Tiff};

/// 8 blocks in a row, with these tables.
fn table(forge: Forge, offsets: Tag, counts: Tag) -> (Vec<u8>, BlockTable) {
    let tags = vec![
        shorts(256, &[128]),
        shorts(257, &[16]),
        shorts(258, &[8]),
        shorts(259, &[8]),
        shorts(322, &[16]),
        shorts(323, &[16]),
        offsets,
        counts,
    ];
    let file = forge.chain(&[tags]);
    let tiff = Tiff::parse(&file[..]).unwrap();
    let ifd = &tiff.ifds()[0];
    let table = BlockTable::of(ifd, &Image::of(ifd).unwrap()).unwrap();
    (file, table)
}

#[test]
fn runs_of_blocks_without_an_offset_are_counted() {
    for forge in ALL {
        let (file, table) =
            table(forge, longs(324, &[0, 0, 0, 256, 0, 65_536, 0, 0]), longs(325, &[0, 0, 0, 9, 0, 9, 0, 0]));
        let run = |index, most| table.unwritten(&file[..], index, most, false).unwrap();
        let found: Vec<u64> = (0..8).map(|index| run(index, 100)).collect();
        assert_eq!(found, [3, 2, 1, 0, 1, 0, 2, 1]);
        assert_eq!((run(0, 2), run(8, 5)), (2, 0));
        // As the locations say it, block by block.
        let locations = table.locations(&file[..], 0..8).unwrap();
        assert!(locations.iter().zip(&found).all(|(at, run)| at.is_sparse() == (*run > 0)));
    }
}

#[test]
fn blocks_behind_the_end_of_a_table_belong_to_the_run() {
    let (file, table) = table(CLASSIC, longs(324, &[7, 0, 0]), longs(325, &[7, 0, 0]));
    let run = |index, most| table.unwritten(&file[..], index, most, false).unwrap();
    assert_eq!((run(0, 8), run(1, 8), run(2, 8), run(5, 8), run(5, 2)), (0, 7, 6, 3, 2));
}

/// A file of which nothing is known.
struct Nothing(u64);

impl KnownBytes for Nothing {
    fn get(&self, _: Range<u64>) -> Option<Cow<'_, [u8]>> {
        None
    }

    fn file_len(&self) -> Option<u64> {
        Some(self.0)
    }
}

#[test]
fn what_is_needed_for_a_run_is_asked_for_at_once() {
    let (file, table) = table(CLASSIC, longs(324, &[1; 8]), shorts(325, &[1; 8]));
    let nothing = Nothing(file.len() as u64);
    let [offsets, counts]: [Range<u64>; 2] = match table.ranges().as_slice() {
        // The tables follow each other.
        [both] => [both.start..both.start + 32, both.start + 32..both.end],
        ranges => ranges.to_vec().try_into().unwrap(),
    };
    let need = |with_counts| match table.unwritten(&nothing, 2, 3, with_counts) {
        Err(Stop::Need(ranges)) => ranges,
        other => panic!("{other:?}"),
    };
    assert_eq!(need(false), std::slice::from_ref(&(offsets.start + 8..offsets.start + 20)));
    assert_eq!(need(true), [offsets.start + 8..offsets.start + 20, counts.start + 4..counts.start + 10]);
}

#[test]
fn a_table_that_ends_behind_its_file_is_refused_by_the_entry_that_does() {
    let (file, table) = table(CLASSIC, pointer(324, 4, 8, 200), longs(325, &[1; 8]));
    assert!(file.len() < 216);
    let len = Some(216);
    assert_eq!(table.check_entries(len, 3), Ok(()));
    let error = table.check_entries(len, 4).unwrap_err();
    assert!(matches!(error, Error::OutOfBounds { offset: 216, length: 4, file_len: 216, .. }), "{error:?}");
    assert_eq!(table.check_entries(None, 4), Ok(()));
    assert!(matches!(table.unwritten(&Nothing(216), 0, 8, false), Err(Stop::Failed(Error::OutOfBounds { .. }))));
}
