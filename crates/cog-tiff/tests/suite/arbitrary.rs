//! Properties: no bytes make the parser panic, or use more than its budget; pieces give the same as the whole.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cog_tiff::{
    BlockTable, Details, Fragments, GdalMetadata, Image, Limits, Pam, Parser, Profile, Progress, Tag, Tiff,
};
use proptest::prelude::*;

/// The smaller files of testdata, damaged ones included.
fn files() -> &'static [Vec<u8>] {
    static FILES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/files");
        let mut paths: Vec<PathBuf> = [folder.clone(), folder.join("malformed")]
            .iter()
            .flat_map(|folder| std::fs::read_dir(folder).unwrap())
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "tif"))
            .collect();
        paths.sort();
        assert!(paths.len() > 50);
        paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
    })
}

/// Budgets small enough that whatever is over them is seen.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_ifds = 500;
    limits.max_header_bytes = 4 << 20;
    limits
}

/// Asks everything of a file that there is to ask.
fn exercise(bytes: &[u8]) {
    let _ = Tiff::parse(bytes);
    let mut parser = Parser::new(limits());
    let Ok(Progress::Complete) = parser.advance(bytes) else { return };
    let Ok(tiff) = parser.finish() else { return };
    assert!(tiff.ifds().len() <= 500 && tiff.ifd_bytes() <= bytes.len().max(16) as u64);
    for page in tiff.pages() {
        let ifd = &tiff.ifds()[page.full.ifd];
        if let Ok(profile) = Profile::of(&tiff, page) {
            profile.tags(&tiff, ifd);
            profile.band_tags(ifd, 1);
            if let Ok(details) = Details::lookup(bytes, &tiff, ifd, &limits()) {
                profile.all_tags(&tiff, ifd, &details, "name");
            }
            let _ = (profile.epsg(), profile.unit(1), profile.nodata_values());
        }
    }
    for ifd in tiff.ifds() {
        for (entry, _) in ifd.tags() {
            if let Ok(Some(value)) = ifd.lookup_value(bytes, entry.tag, &limits()) {
                assert_eq!(value.len() as u64, entry.count);
                let _ = (value.text(), value.u64s(), value.f64s());
            }
        }
        if let Ok(image) = Image::of(ifd) {
            if let Ok(table) = BlockTable::of(ifd, &image) {
                let last = table.block_count().saturating_sub(1);
                let _ = table.locations(bytes, [0, last / 2, last, last.saturating_add(1)]);
                let _ = table.locations(bytes, 0..last.min(50));
                let _ = (table.ranges(), table.byte_len());
            }
        }
    }
}

/// Parses as pieces are asked for, each answered by `piece` bytes at most.
fn by_pieces(bytes: &[u8], piece: usize) -> Result<Tiff, String> {
    let mut known = Fragments::new(Some(bytes.len() as u64));
    let mut parser = Parser::new(limits());
    for _ in 0..1_000_000 {
        match parser.advance(&known).map_err(|e| e.to_string())? {
            Progress::Complete => return parser.finish().map_err(|e| e.to_string()),
            Progress::Need(ranges) => {
                assert!(!ranges.is_empty() && ranges.windows(2).all(|w| w[0].end < w[1].start), "{ranges:?}");
                for range in ranges {
                    assert!(range.start < range.end && range.end <= bytes.len() as u64, "{range:?}");
                    for start in (range.start as usize..range.end as usize).step_by(piece) {
                        let end = (start + piece).min(range.end as usize);
                        known.insert(start as u64, bytes[start..end].to_vec());
                    }
                }
            }
        }
    }
    Err("no end".to_string())
}

fn whole(bytes: &[u8]) -> Result<Tiff, String> {
    let mut parser = Parser::new(limits());
    match parser.advance(bytes).map_err(|e| e.to_string())? {
        Progress::Complete => parser.finish().map_err(|e| e.to_string()),
        Progress::Need(ranges) => Err(format!("a whole file needs {ranges:?}")),
    }
}

/// Everything that was parsed, as text: NaN equals NaN there.
fn said(tiff: Result<Tiff, String>) -> String {
    format!("{tiff:?}")
}

#[test]
fn every_file_says_the_same_in_pieces_as_whole() {
    for file in files() {
        for piece in [1, 7, 4096] {
            assert_eq!(said(by_pieces(file, piece)), said(whole(file)));
        }
        exercise(file);
    }
}

/// At least 1,000 cases; PROPTEST_CASES asks for more.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(1000), ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_bytes_make_the_parser_panic(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..2048),
        magic in prop_oneof![Just(&b"II*\0\x08\0\0\0"[..]), Just(&b"MM\0*\0\0\0\x08"[..]),
            Just(&b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0"[..]), Just(&b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10"[..]), Just(&b""[..])],
    ) {
        let n = magic.len().min(bytes.len());
        bytes[..n].copy_from_slice(&magic[..n]);
        exercise(&bytes);
        prop_assert_eq!(said(by_pieces(&bytes, 64)), said(whole(&bytes)));
    }

    #[test]
    fn no_change_of_a_real_file_makes_the_parser_panic(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>(), any::<u8>()), 1..12),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut file = which.get(files()).clone();
        for (at, in_head, byte) in changes {
            // The head of the file, where most directories are, more often than the rest.
            let reach = if in_head { file.len().min(1024) } else { file.len() };
            if reach > 0 {
                file[at.index(reach)] = byte;
            }
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len() + 1));
        }
        exercise(&file);
        prop_assert_eq!(said(by_pieces(&file, 100)), said(whole(&file)));
    }

    #[test]
    fn fragments_answer_like_the_file_they_are_of(
        inserts in proptest::collection::vec((0usize..300, 0usize..80), 0..30),
        asks in proptest::collection::vec((0u64..320, 0u64..60), 1..40),
    ) {
        let file: Vec<u8> = (0..300).map(|i| (i * 7 % 251) as u8).collect();
        let mut known = Fragments::new(Some(300));
        let mut is_known = [false; 400];
        for (start, len) in inserts {
            let end = (start + len).min(300);
            known.insert(start as u64, file[start..end].to_vec());
            is_known[start..end].fill(true);
        }
        for (start, len) in asks {
            let (from, to) = (start as usize, (start + len) as usize);
            let expected = is_known[from..to].iter().all(|k| *k).then(|| file.get(from..to).unwrap_or(&[]).to_vec());
            let found = cog_tiff::KnownBytes::get(&known, start..start + len).map(|b| b.into_owned());
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn no_text_makes_metadata_or_nodata_panic(xml in "(<GDALMetadata>)?(<Item name=\"[a-z]\"( sample=\"[0-9]{1,12}\")?>|[<&;>a\"'=! -]|</Item>){0,40}", text in ".{0,40}") {
        let metadata = cog_tiff::GdalMetadata::parse(&xml);
        let _ = (metadata.scale(1), metadata.statistic(1, "MEAN"));
        for sample_type in [cog_tiff::SampleType::U8, cog_tiff::SampleType::I64, cog_tiff::SampleType::F32] {
            cog_tiff::Nodata::parse(&text, sample_type);
        }
    }

    #[test]
    fn no_text_makes_a_side_car_panic(
        parts in proptest::collection::vec(prop_oneof![
            Just("<SRS>".to_string()), Just("</SRS>".to_string()), Just("<GeoTransform>1,2,3,4,5,6</GeoTransform>".to_string()),
            Just("<PAMRasterBand band=\"1\">".to_string()), Just("</PAMRasterBand>".to_string()),
            "<NoDataValue>.{0,9}</NoDataValue>", "[A-Z]{0,9}\\[\"[a-zé]{0,5}\",?", "(AUTHORITY|ID)\\[\"EPSG\",\"?[0-9]{0,9}\"?\\]?", ".{0,20}",
        ], 0..12),
        crs in "([A-Z]{2,9}[\\[(]?|\"|,|[\\])]|(AUTHORITY|ID)\\[\"EPSG\",\"?[0-9]{1,6}|é){0,20}",
    ) {
        let _ = Pam::parse(&format!("<PAMDataset>{}</PAMDataset>", parts.concat()));
        let escaped = crs.replace('"', "&quot;");
        let pam = Pam::parse(&format!("<PAMDataset><SRS>{escaped}</SRS></PAMDataset>")).unwrap();
        let _ = (pam.epsg(), pam.crs_name());
    }

    #[test]
    fn no_text_makes_metadata_panic(
        parts in proptest::collection::vec(prop_oneof![
            Just("<GDALMetadata>".to_string()), Just("</GDALMetadata>".to_string()), Just("<Item name=\"A\">".to_string()),
            Just("</Item>".to_string()), Just("<!--".to_string()), Just("-->".to_string()), Just("<![CDATA[".to_string()),
            Just("]]>".to_string()), Just("<!DOCTYPE".to_string()), Just("<?".to_string()), Just("?>".to_string()),
            "[<>=/?\"'&;\\[\\] ]{1,4}", "&#?x?[0-9a-fg]{0,9};?", "[a-zé:=\"' ]{0,9}", ".{0,9}",
        ], 0..24),
    ) {
        let text = parts.concat();
        for text in [text.clone(), format!("<GDALMetadata>{text}</GDALMetadata>")] {
            let metadata = GdalMetadata::parse(&text);
            let _ = (metadata.scale(1), metadata.offset(1), metadata.plain(None).count());
        }
        let _ = (Pam::parse(&text), cog_tiff::world_file(&text));
    }
}

#[test]
fn a_missing_tag_has_no_value() {
    let file = &files()[0];
    let tiff = whole(file).unwrap();
    assert_eq!(tiff.ifds()[0].lookup_value(&file[..], Tag(64_999), &limits()), Ok(None));
}
