//! Files damaged at random are judged or refused, quickly, and nothing panics.

use std::time::{Duration, Instant};

use cog_testkit::Corpus;
use cog_testkit::damage::{Chance, damage};
use cog_validate::Validation;
use cog_validate::io::Source;

use crate::verdicts::testdata;

#[test]
fn damaged_files_end_in_verdicts_or_errors() {
    let mut files: Vec<Vec<u8>> =
        Corpus::testdata().files().unwrap().iter().map(|f| std::fs::read(&f.path).unwrap()).collect();
    for entry in std::fs::read_dir(testdata().join("validate/files")).unwrap() {
        files.push(std::fs::read(entry.unwrap().path()).unwrap());
    }
    files.retain(|bytes| !bytes.is_empty());
    files.sort();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut chance = Chance::new(21_026);
    let (mut judged, mut refused) = (0, 0);
    for number in 0..3000 {
        let other = chance.of(&files[..]);
        let (bytes, what) = damage(&files[number % files.len()], other, &mut chance);
        let started = Instant::now();
        let end = runtime.block_on(Validation::of(Source::from_bytes(bytes.into())).full(true).run());
        let took = started.elapsed();
        assert!(took < Duration::from_secs(5), "{number}, {what}: {took:?}");
        match end {
            Ok(_) => judged += 1,
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().contains('\n'), "{error}");
            }
        }
    }
    println!("{judged} judged, {refused} refused");
    assert!(judged > 300 && refused > 300, "{judged} judged, {refused} refused");
}

/// A table that is said to be of four thousand million entries is not walked.
#[test]
fn a_count_that_is_a_lie_costs_nothing() {
    let whole = std::fs::read(testdata().join("validate/files/valid_bare.tif")).unwrap();
    let mut bytes = whole;
    let entry = |tag: u16| {
        let head = [tag.to_le_bytes(), 4u16.to_le_bytes()].concat();
        move |bytes: &[u8]| bytes.windows(4).position(|found| found == head).unwrap()
    };
    // Width and height of two thousand million pixels, tables of as many entries as that takes.
    for (tag, count, value) in
        [(256, 1, Some(0x7fff_fff0u32)), (257, 1, Some(0x7fff_fff0)), (324, u32::MAX, None), (325, u32::MAX, None)]
    {
        let at = entry(tag)(&bytes);
        bytes[at + 4..at + 8].copy_from_slice(&u32::to_le_bytes(count));
        if let Some(value) = value {
            bytes[at + 8..at + 12].copy_from_slice(&value.to_le_bytes());
        }
    }
    let started = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let report = runtime.block_on(Validation::of(Source::from_bytes(bytes.into())).run()).unwrap();
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(report.blocks > 1 << 40, "{}", report.blocks);
}
