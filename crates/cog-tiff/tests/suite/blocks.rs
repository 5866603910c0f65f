//! Tile and strip tables: where blocks are, and how little must be read to know it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use crate::forge::*;
use cog_tiff::{BlockLocation, BlockTable, Error, Fragments, Image, KnownBytes, Limits, Parser, Progress, Stop, Tiff};

fn table(file: &[u8]) -> BlockTable {
    let tiff = Tiff::parse(file).unwrap();
    let ifd = &tiff.ifds()[0];
    BlockTable::of(ifd, &Image::of(ifd).unwrap()).unwrap()
}

fn tiled(width: u16, height: u16, compression: u16) -> Vec<Tag> {
    vec![
        shorts(256, &[width]),
        shorts(257, &[height]),
        shorts(258, &[8]),
        shorts(259, &[compression]),
        shorts(322, &[16]),
        shorts(323, &[16]),
    ]
}

fn at(offset: u64, length: u64) -> BlockLocation {
    BlockLocation { offset, length }
}

#[test]
fn tables_may_be_longer_or_shorter_than_the_grid_and_a_short_one_leaves_blocks_unwritten() {
    let mut tags = tiled(64, 16, 8);
    tags.extend([longs(324, &[100, 200, 300, 400, 500]), longs(325, &[10, 20])]);
    let file = CLASSIC.chain(&[tags]);
    let table = table(&file);
    assert_eq!(table.block_count(), 4);
    let found = table.locations(&file[..], 0..4).unwrap();
    assert_eq!(found, [at(100, 10), at(200, 20), at(0, 0), at(0, 0)]);
    assert!(found[2].is_sparse());
    let error = table.location(&file[..], 4).unwrap_err();
    assert_eq!(error, Stop::Failed(Error::NoSuchBlock { ifd: 8, index: 4, count: 4 }));
}

#[test]
fn entries_are_told_as_they_stand_in_the_file() {
    for forge in ALL {
        // No compression: a reader takes the natural size for the length.
        let mut tags = tiled(64, 16, 1);
        tags.extend([longs(324, &[100, 0, 300]), shorts(325, &[10, 20])]);
        let file = forge.chain(&[tags]);
        let table = table(&file);
        assert_eq!(table.entries(&file[..], 0..4).unwrap(), [at(100, 10), at(0, 20), at(300, 0), at(0, 0)]);
        assert_eq!(table.entries(&file[..], 1..3).unwrap(), [at(0, 20), at(300, 0)]);
        let error = table.entries(&file[..], 3..5).unwrap_err();
        assert!(matches!(error, Stop::Failed(Error::NoSuchBlock { index: 4, count: 4, .. })), "{error:?}");
    }
    // A table that the file does not hold to its end, and none of byte counts.
    let mut tags = tiled(64, 16, 8);
    tags.push(pointer(324, 4, 4, 94));
    let mut file = CLASSIC.chain(&[tags]);
    assert!(file.len() <= 98);
    file.resize(94, 0);
    file.extend([7, 0, 0, 0, 8, 0, 0, 0, 9, 0]);
    let found = table(&file).entries(&file[..], 0..4).unwrap();
    assert_eq!(found, [at(7, 0), at(8, 0), at(0, 0), at(0, 0)]);
}

#[test]
fn a_table_of_one_element_lies_in_its_entry() {
    for forge in ALL {
        let mut tags = tiled(16, 16, 8);
        tags.extend([longs(324, &[77]), shorts(325, &[33])]);
        let file = forge.chain(&[tags]);
        assert_eq!(table(&file).location(&file[..], 0).unwrap(), at(77, 33));
    }
}

#[test]
fn tiles_win_where_both_kinds_of_tables_are_there() {
    let mut tags = tiled(16, 16, 8);
    tags.extend([longs(273, &[1]), longs(279, &[2]), longs(324, &[3]), longs(325, &[4])]);
    let file = CLASSIC.chain(&[tags]);
    assert_eq!(table(&file).location(&file[..], 0).unwrap(), at(3, 4));
    // And strips where no tile size is given.
    let mut tags = plain(16, 16);
    tags.extend([longs(324, &[3]), longs(325, &[256])]);
    let file = CLASSIC.chain(&[tags]);
    assert_eq!(table(&file).location(&file[..], 0).unwrap(), at(8, 256));
}

#[test]
fn tiles_whose_tables_stand_under_the_tags_of_strips_are_found() {
    let mut tags = tiled(16, 16, 8);
    tags.extend([longs(273, &[1]), longs(279, &[2])]);
    let file = CLASSIC.chain(&[tags]);
    assert_eq!(table(&file).location(&file[..], 0).unwrap(), at(1, 2));
}

#[test]
fn without_byte_counts_uncompressed_strips_have_their_natural_size() {
    // 10 × 10 pixels of 8 bits in strips of 4 rows.
    let tags =
        vec![shorts(256, &[10]), shorts(257, &[10]), shorts(258, &[8]), shorts(278, &[4]), longs(273, &[8, 48, 88])];
    let file = CLASSIC.chain(&[tags]);
    assert_eq!(table(&file).locations(&file[..], 0..3).unwrap(), [at(8, 40), at(48, 40), at(88, 20)]);
}

#[test]
fn without_byte_counts_a_compressed_block_reaches_to_the_end_of_the_file() {
    let tags = vec![shorts(256, &[10]), shorts(257, &[10]), shorts(258, &[8]), shorts(259, &[5]), longs(273, &[30])];
    let file = CLASSIC.chain(&[tags]);
    assert_eq!(table(&file).location(&file[..], 0).unwrap(), at(30, file.len() as u64 - 30));
}

#[test]
fn subsampled_chroma_without_compression_is_as_long_as_its_byte_count_says() {
    // 16 × 16 pixels in units of 2 × 2: 64 units of 6 bytes.
    let tags = vec![
        shorts(256, &[16]),
        shorts(257, &[16]),
        shorts(258, &[8, 8, 8]),
        shorts(262, &[6]),
        longs(273, &[8]),
        shorts(277, &[3]),
        longs(279, &[384]),
        shorts(530, &[2, 2]),
    ];
    let file = CLASSIC.chain(&[tags]);
    assert_eq!(table(&file).location(&file[..], 0).unwrap(), at(8, 384));
}

#[test]
fn a_table_that_reaches_behind_the_end_of_the_file_fails_only_there() {
    let mut tags = tiled(64, 16, 8);
    tags.extend([pointer(324, 4, 4, 8), pointer(325, 4, 4, 0)]);
    let len = CLASSIC.chain(&[tags.clone()]).len() as u64;
    tags[6] = pointer(324, 4, 4, len - 8);
    tags[7] = pointer(325, 4, 4, 8);
    let file = CLASSIC.chain(&[tags]);
    let table = table(&file);
    assert!(table.locations(&file[..], 0..2).is_ok());
    assert!(matches!(table.location(&file[..], 2), Err(Stop::Failed(Error::OutOfBounds { .. }))));
}

#[test]
fn a_grid_of_more_blocks_than_numbers_can_count_is_no_panic() {
    let tags = vec![
        longs(256, &[0x7fff_ffff]),
        longs(257, &[0x7fff_ffff]),
        shorts(277, &[65_535]),
        shorts(284, &[2]),
        shorts(322, &[1]),
        shorts(323, &[1]),
        longs(324, &[8]),
        longs(325, &[8]),
    ];
    let file = CLASSIC.chain(&[tags]);
    let table = table(&file);
    assert_eq!(table.block_count(), u64::MAX);
    assert!(table.location(&file[..], u64::MAX - 1).unwrap().is_sparse());
}

/// A BigTIFF of 10 million tiles whose tables lie at 1,000,000 and 100,000,000.
fn ten_million_tiles() -> (Fragments, u64) {
    let side = 3163; // 3163² tiles of 16 × 16
    let tags = vec![
        longs(256, &[side * 16]),
        longs(257, &[side * 16]),
        shorts(258, &[8]),
        shorts(259, &[8]),
        shorts(322, &[16]),
        shorts(323, &[16]),
        pointer(324, 16, u64::from(side).pow(2), 1_000_000),
        pointer(325, 4, u64::from(side).pow(2), 100_000_000),
    ];
    let mut known = Fragments::new(Some(1 << 40));
    known.insert(0, BIG.chain(&[tags]));
    (known, u64::from(side).pow(2))
}

#[test]
fn a_lookup_in_ten_million_tiles_needs_its_own_entries_only() {
    let (mut known, tiles) = ten_million_tiles();
    let mut parser = Parser::new(Limits::default());
    assert_eq!(parser.advance(&known), Ok(Progress::Complete));
    let tiff = parser.finish().unwrap();
    let table = BlockTable::of(&tiff.ifds()[0], &Image::of(&tiff.ifds()[0]).unwrap()).unwrap();
    assert_eq!((table.block_count(), table.byte_len()), (tiles, tiles * 12));
    // Two neighbours and one far away: their entries, joined, and nothing else.
    let asked = [5, 6, 9_000_000];
    let needs = [1_000_040..1_000_056, 73_000_000..73_000_008, 100_000_020..100_000_028, 136_000_000..136_000_004];
    assert_eq!(table.locations(&known, asked), Err(Stop::Need(needs.to_vec())));
    known.insert(1_000_040, [7u64.to_le_bytes(), 8u64.to_le_bytes()].concat());
    known.insert(73_000_000, (1u64 << 39).to_le_bytes().to_vec());
    known.insert(100_000_020, [70u32.to_le_bytes(), 80u32.to_le_bytes()].concat());
    assert_eq!(table.locations(&known, asked), Err(Stop::Need(needs[3..].to_vec())));
    known.insert(136_000_000, 90u32.to_le_bytes().to_vec());
    assert_eq!(table.locations(&known, asked).unwrap(), [at(7, 70), at(8, 80), at(1 << 39, 90)]);
}

/// Counts how often each offset is asked for.
struct Counting<'a> {
    bytes: &'a [u8],
    revealed: u64,
    asked: RefCell<Vec<u64>>,
}

impl KnownBytes for Counting<'_> {
    fn get(&self, range: Range<u64>) -> Option<Cow<'_, [u8]>> {
        self.asked.borrow_mut().push(range.start);
        if range.end > self.revealed { None } else { KnownBytes::get(self.bytes, range) }
    }

    fn file_len(&self) -> Option<u64> {
        Some(self.bytes.len() as u64)
    }
}

#[test]
fn after_more_bytes_came_the_parser_goes_on_at_the_ifd_where_it_stopped() {
    let ifds: Vec<_> = (0..200).map(|_| plain(4, 4)).collect();
    let file = CLASSIC.chain(&ifds);
    let offsets = CLASSIC.offsets(&ifds);
    let mut parser = Parser::new(Limits::default());
    let mut lookups = 0;
    let mut rounds = 0;
    let mut revealed = 0;
    loop {
        let known = Counting { bytes: &file, revealed, asked: RefCell::default() };
        let progress = parser.advance(&known).unwrap();
        let asked = known.asked.into_inner();
        lookups += asked.len();
        rounds += 1;
        match progress {
            Progress::Complete => break,
            Progress::Need(ranges) => {
                // Nothing before the IFD that is missing is looked at again.
                let resumed = parser.clone().finish().map_or(0, |t| t.ifds().len());
                if rounds > 3 {
                    assert!(asked.iter().all(|at| *at >= offsets[resumed.saturating_sub(5)]), "{asked:?}");
                }
                revealed = ranges.last().unwrap().end;
            }
        }
    }
    assert_eq!(parser.finish().unwrap().ifds().len(), 200);
    // Per IFD: the count, the entries, 5 values; a few times over while it is being revealed.
    assert!(lookups < 200 * 40, "{lookups} lookups in {rounds} rounds");
}

/// A sparse file of a terabyte: its first bytes, then zeros.
struct Sparse {
    head: Vec<u8>,
    at: u64,
    read: u64,
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for byte in buffer.iter_mut() {
            *byte = usize::try_from(self.at).ok().and_then(|at| self.head.get(at)).copied().unwrap_or(0);
            self.at += 1;
        }
        self.read += buffer.len() as u64;
        Ok(buffer.len())
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => (1u64 << 40).saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

#[test]
fn opening_a_terabyte_reads_a_few_kilobytes() {
    let mut tags = tiled(64, 16, 8);
    tags.extend([pointer(324, 16, 10_000_000, 1 << 30), pointer(325, 16, 10_000_000, 1 << 31)]);
    tags.push(pointer(42112, 2, 300, 1 << 35));
    let mut file = Sparse { head: BIG.chain(&[tags]), at: 0, read: 0 };
    let tiff = Tiff::read(&mut file).unwrap();
    assert_eq!(tiff.ifds().len(), 1);
    assert!(file.read <= 16 * 1024 + 4096, "{} bytes", file.read);
}

#[test]
fn scattered_values_do_not_make_a_reader_read_without_end() {
    // 60,000 values of 9 bytes, 5,000 bytes apart.
    let tags: Vec<_> = (0..60_000u16).map(|i| pointer(i, 7, 9, (1 << 30) + u64::from(i) * 5000)).collect();
    let mut file = Sparse { head: BIG.chain(&[tags]), at: 0, read: 0 };
    Tiff::read(&mut file).unwrap();
    assert!(file.read < 300 << 20, "{} bytes", file.read);
}
