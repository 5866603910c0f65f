mod streams;

use std::io::Write;

use super::entry::Entry;
use super::table::Table;
use super::*;
use crate::cpu::Cpu;
use flate2::Compression;
use proptest::prelude::*;

fn compressed(data: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Decodes a stream of any kind, in the same way on every processor.
fn inflated(src: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut inflate = Inflate::default();
    let decode = |inflate: &mut Inflate| {
        let mut out = vec![0xa5; len];
        let len = inflate.zlib(src, Kind::All, &mut out)?;
        out.truncate(len);
        Some(out)
    };
    let out = decode(&mut inflate);
    let mut baseline = Inflate { blocks: Some(Box::new(Blocks::of(Cpu::Baseline))), to_skip: 0 };
    assert!(out == decode(&mut baseline));
    out
}

/// Bytes around 0, as differences of pixels are: `spread` is about the largest.
fn differences(len: usize, spread: u32) -> Vec<u8> {
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    (0..len)
        .map(|_| (((random() + random() + random() + random()) * spread) >> 17).wrapping_sub(spread) as u8)
        .collect()
}

/// Bytes that repeat what came `distance` before, with something new now and then.
fn repetitions(len: usize, distance: usize) -> Vec<u8> {
    let mut data = differences(distance, 100);
    for at in distance..len {
        data.push(if at % 251 == 0 { at as u8 } else { data[at - distance] });
    }
    data
}

#[test]
fn streams_of_zlib_come_out_as_they_went_in() {
    // python3: zlib.compress(b"cloud optimised, cloud optimised, cloud", 9), fixed codes.
    let fixed = [
        0x78, 0xda, 0x4b, 0xce, 0xc9, 0x2f, 0x4d, 0x51, 0xc8, 0x2f, 0x28, 0xc9, 0xcc, 0xcd, 0x2c, 0x4e, 0x4d, 0xd1,
        0x51, 0x48, 0xc6, 0x2a, 0x00, 0x00, 0x29, 0x69, 0x0e, 0xba,
    ];
    assert_eq!(inflated(&fixed, 39).unwrap(), b"cloud optimised, cloud optimised, cloud");
}

#[test]
fn every_kind_of_data_at_every_level_comes_out_as_it_went_in() {
    let mut kinds = vec![vec![], vec![7], vec![0; 100_000], (0..=255).collect(), differences(70_000, 2000)];
    kinds.extend([1, 2, 5, 12, 40, 127].map(|spread| differences(200_000, spread)));
    kinds.extend([1, 2, 3, 5, 7, 8, 11, 15, 16, 17, 255, 1000, 32_768].map(|distance| repetitions(150_000, distance)));
    for data in kinds {
        for level in 0..=9 {
            let src = compressed(&data, level);
            let same = inflated(&src, data.len()).is_some_and(|out| out == data);
            assert!(same, "{} bytes at level {level}", data.len());
            let more = inflated(&src, data.len() + 1000).is_some_and(|out| out == data);
            assert!(more, "{} bytes at level {level}, into more room", data.len());
        }
    }
}

#[cfg(feature = "deflate")]
#[test]
fn streams_of_libdeflate_come_out_as_they_went_in() {
    for data in [differences(300_000, 9), differences(300_000, 90), repetitions(300_000, 700), differences(20, 3)] {
        for level in [1, 6, 9, 12] {
            let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::new(level).unwrap());
            let mut src = vec![0; compressor.zlib_compress_bound(data.len())];
            let len = compressor.zlib_compress(&data, &mut src).unwrap();
            assert!(inflated(&src[..len], data.len()).is_some_and(|out| out == data), "level {level}");
        }
    }
}

#[test]
fn tables_of_one_block_do_not_reach_into_the_next() {
    let mut inflate = Inflate::default();
    for data in [
        differences(100_000, 2),
        differences(100_000, 127),
        vec![0; 50_000],
        differences(100_000, 9),
        b"short".to_vec(),
    ] {
        let src = compressed(&data, 6);
        let mut out = vec![0; data.len()];
        assert_eq!(inflate.zlib(&src, Kind::All, &mut out), Some(data.len()));
        assert!(out == data);
    }
}

#[test]
fn streams_of_short_literals_are_decoded_here_and_others_elsewhere() {
    let decodes = |data: &[u8]| {
        Inflate::default().zlib(&compressed(data, 6), Kind::ShortLiterals, &mut vec![0; data.len()]).is_some()
    };
    assert!(decodes(&differences(100_000, 25)));
    assert!(!decodes(&differences(100_000, 127)), "codes of eight bits");
    assert!(!decodes(&repetitions(100_000, 700)), "copies");
    assert!(!decodes(&differences(1000, 9)), "short");
}

#[test]
fn streams_of_small_blocks_are_left_to_others() {
    let blocks = |len: usize| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::new(6));
        let data = differences(200_000, 25);
        for part in data.chunks(len) {
            encoder.write_all(part).unwrap();
            encoder.flush().unwrap();
        }
        (encoder.finish().unwrap(), data)
    };
    let (src, data) = blocks(700);
    assert_eq!(inflated(&src, data.len()), None);
    let (src, data) = blocks(5000);
    assert!(inflated(&src, data.len()).is_some_and(|out| out == data));
}

#[test]
fn after_a_stream_for_others_come_more_of_them() {
    let data = differences(50_000, 25);
    let src = compressed(&data, 6);
    let mut inflate = Inflate::default();
    let mut decodes = |src: &[u8]| inflate.zlib(src, Kind::ShortLiterals, &mut vec![0; data.len()]).is_some();
    assert!(decodes(&src));
    assert!(!decodes(&src[..src.len() - 4]), "no checksum");
    let skipped = (0..20).take_while(|_| !decodes(&src)).count();
    assert_eq!(skipped, SKIPPED as usize);
    assert!(decodes(&src));
}

#[test]
fn what_is_not_whole_is_left_to_others() {
    let data = differences(50_000, 9);
    let src = compressed(&data, 6);
    assert!(inflated(&src, data.len()).is_some());
    assert_eq!(inflated(&src, data.len() - 1), None, "longer than the block");
    for cut in [1, 4, 5, 300, src.len() - 2, src.len()] {
        assert_eq!(inflated(&src[..src.len() - cut], data.len()), None, "{cut} bytes cut off");
    }
    for at in [0, 1, src.len() - 1] {
        let mut src = src.clone();
        src[at] ^= 0x20;
        assert_eq!(inflated(&src, data.len()), None, "byte {at} changed");
    }
}

#[test]
fn codes_that_are_none_are_refused() {
    let mut table = Table::<4096, 1024>::default();
    let mut fill = |lengths: &[u8]| table.fill(lengths, Entry::literal_or_length);
    assert!(fill(&[1, 1]).is_some());
    assert!(fill(&[0, 1]).is_some(), "a single code of one bit");
    assert!(fill(&[0, 0]).is_some(), "none at all");
    assert!(fill(&[1, 1, 1]).is_none(), "too many");
    assert!(fill(&[2, 2, 2]).is_none(), "bits that mean nothing");
    assert!(fill(&[0, 2]).is_none(), "a single code of two bits");
    assert!(fill(&[16, 1]).is_none(), "longer than 15 bits");
}

/// Lengths of a code that uses all bits: a tree that grows by splitting leaves, the last one for large numbers.
fn complete(splits: &[usize], most: usize) -> Vec<u8> {
    let mut lengths = vec![1, 1];
    for &split in splits {
        let leaf = split.min(lengths.len() - 1);
        if lengths[leaf] < 15 && lengths.len() < most {
            lengths[leaf] += 1;
            lengths.push(lengths[leaf]);
        }
    }
    lengths
}

proptest! {
    #[test]
    fn any_data_comes_out_as_it_went_in(
        data in prop::collection::vec(prop_oneof![3 => 0_u8..4, 1 => any::<u8>()], 0..20_000),
        level in 0_u32..=9,
    ) {
        prop_assert_eq!(inflated(&compressed(&data, level), data.len()), Some(data));
    }

    #[test]
    fn damaged_streams_end_in_what_zlib_says_or_in_nothing(
        spread in 1_u32..100,
        at in any::<prop::sample::Index>(),
        bit in 0_u32..8,
        cut in any::<prop::sample::Index>(),
    ) {
        let data = differences(20_000, spread);
        let mut src = compressed(&data, 6);
        *at.get_mut(&mut src) ^= 1_u8 << bit;
        src.truncate(cut.index(src.len() * 4));
        if let Some(out) = inflated(&src, data.len()) {
            let mut expected = vec![0; data.len()];
            let mut decompress = flate2::Decompress::new(true);
            decompress.decompress(&src, &mut expected, flate2::FlushDecompress::Finish).unwrap();
            expected.truncate(decompress.total_out() as usize);
            prop_assert_eq!(out, expected);
        }
    }

    #[test]
    fn every_complete_code_makes_a_table(
        splits in prop::collection::vec(prop_oneof![3 => Just(usize::MAX), 2 => 0_usize..288], 1..288),
        seed in any::<u64>(),
    ) {
        let mut lengths = complete(&splits, 288);
        let count = lengths.len() as u64;
        let start = (seed % count) as usize;
        lengths.rotate_left(start);
        prop_assert!(Table::<4096, 1024>::default().fill(&lengths, Entry::literal_or_length).is_some());
    }

    #[test]
    fn every_complete_code_of_distances_makes_a_table(splits in prop::collection::vec(prop_oneof![Just(usize::MAX), 0_usize..32], 1..64)) {
        prop_assert!(Table::<512, 512>::default().fill(&complete(&splits, 32), Entry::distance).is_some());
    }

    #[test]
    fn any_lengths_make_a_table_or_none(lengths in prop::collection::vec(0_u8..=16, 0..=288)) {
        let _ = Table::<4096, 1024>::default().fill(&lengths, Entry::literal_or_length);
        let _ = Table::<512, 512>::default().fill(&lengths, Entry::distance);
    }
}
