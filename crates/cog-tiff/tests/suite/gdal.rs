//! What GDAL adds: the ghost header, metadata in XML.

use crate::forge::*;
use cog_tiff::{GdalMetadata, Ghost, Limits, Parser, Progress, Tiff};

const ENTRIES: &str = "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n\
    BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ";

/// A file with text between its header and its first IFD.
fn with_ghost(forge: Forge, text: &str) -> Vec<u8> {
    let ifds = [plain(4, 4)];
    let head = if forge.big { 16 } else { 8 };
    let file = forge.chain(&ifds);
    let mut ghosted = file[..head].to_vec();
    let width = if forge.big { 8 } else { 4 };
    ghosted.truncate(head - width);
    forge.put(&mut ghosted, width, (head + text.len()) as u64);
    ghosted.extend(text.as_bytes());
    ghosted.extend(&file[head..]);
    ghosted
}

fn ghost(text: &str) -> Option<Ghost> {
    Tiff::parse(&with_ghost(CLASSIC, text)).unwrap().ghost().cloned()
}

#[test]
fn the_ghost_header_is_read_in_classic_and_bigtiff() {
    let text = format!("GDAL_STRUCTURAL_METADATA_SIZE={:06} bytes\n{ENTRIES}", ENTRIES.len());
    for forge in ALL {
        let tiff = Tiff::parse(&with_ghost(forge, &text)).unwrap();
        let ghost = tiff.ghost().unwrap();
        assert!(ghost.ifds_before_data() && ghost.framed_blocks() && ghost.row_major());
        assert!(!ghost.is_broken() && !ghost.mask_interleaved());
        assert_eq!(ghost.end(), if forge.big { 16 } else { 8 } + text.len() as u64);
        assert_eq!(ghost.get("KNOWN_INCOMPATIBLE_EDITION"), Some("NO"));
    }
}

#[test]
fn newer_entries_are_kept_and_the_mask_is_announced() {
    let entries = format!("{}MASK_INTERLEAVED_WITH_IMAGERY=YES\nINTERLEAVE=TILE\n", ENTRIES.trim_end_matches(' '));
    let ghost = ghost(&format!("GDAL_STRUCTURAL_METADATA_SIZE={:06} bytes\n{entries}", entries.len())).unwrap();
    assert!(ghost.mask_interleaved());
    assert_eq!(ghost.get("INTERLEAVE"), Some("TILE"));
}

#[test]
fn nothing_of_a_broken_edition_is_trusted() {
    let entries = ENTRIES.replace("EDITION=NO\n ", "EDITION=YES\n");
    let ghost = ghost(&format!("GDAL_STRUCTURAL_METADATA_SIZE={:06} bytes\n{entries}", entries.len())).unwrap();
    assert!(ghost.is_broken());
    assert!(!ghost.ifds_before_data() && !ghost.framed_blocks() && !ghost.row_major() && !ghost.mask_interleaved());
}

#[test]
fn a_ghost_that_is_cut_off_or_no_number_is_none() {
    assert_eq!(ghost("GDAL_STRUCTURAL_METADATA_SIZE=999999 bytes\nLAYOUT=IFDS_BEFORE_DATA\n"), None);
    assert_eq!(ghost("GDAL_STRUCTURAL_METADATA_SIZE=abcdef bytes\nLAYOUT=IFDS_BEFORE_DATA\n"), None);
    assert_eq!(ghost("GDAL_STRUCTURAL_METADATA_SIZE"), None);
}

#[test]
fn a_file_of_unknown_length_is_parsed_as_well() {
    struct Unknown(Vec<u8>);
    impl cog_tiff::KnownBytes for Unknown {
        fn get(&self, range: std::ops::Range<u64>) -> Option<std::borrow::Cow<'_, [u8]>> {
            cog_tiff::KnownBytes::get(&self.0[..], range)
        }
        fn file_len(&self) -> Option<u64> {
            None
        }
    }
    let mut parser = Parser::new(Limits::default());
    assert_eq!(parser.advance(&Unknown(with_ghost(BIG, ""))), Ok(Progress::Complete));
    assert_eq!(parser.finish().unwrap().ifds().len(), 1);
}

#[test]
fn hostile_xml_is_given_up_quickly() {
    let attributes: String = (0..300_000).map(|i| format!(" a{i}=\"\"")).collect();
    let hidden = format!("<GDALMetadata><Item name=\"'>\"{attributes}/></GDALMetadata>");
    let spaces: String = (0..20_000).map(|i| format!("<a xmlns:n{i}=\"u{i}\">")).collect();
    let nested = format!("<GDALMetadata>{}</GDALMetadata>", "<Item name=\"a\">".repeat(200_000));
    let closed =
        format!("<GDALMetadata>{}{}</GDALMetadata>", "<Item name=\"a\">".repeat(50_000), "</Item>".repeat(50_000));
    let laughs = "<!DOCTYPE a [<!ENTITY b \"&c;&c;\"><!ENTITY c \"&b;\">]><GDALMetadata>&b;</GDALMetadata>".to_string();
    let many = format!("<GDALMetadata>{}</GDALMetadata>", "<a/>".repeat(2_000_000));
    let started = std::time::Instant::now();
    for xml in
        [format!("<GDALMetadata><Item{attributes}/></GDALMetadata>"), hidden, spaces, nested, closed, laughs, many]
    {
        assert!(GdalMetadata::parse(&xml).items().len() <= 1, "{}", &xml[..60]);
        assert!(GdalMetadata::parse(&xml).warnings().len() <= 64, "{}", &xml[..60]);
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn items_of_a_million_are_found_without_searching_all() {
    let items: String = (0..200_000).map(|i| format!("<Item name=\"n{i}\">v</Item>")).collect();
    let metadata = GdalMetadata::parse(&format!("<GDALMetadata>{items}</GDALMetadata>"));
    assert_eq!(metadata.items().len(), 200_000);
    assert_eq!((1..65_536).filter(|band| metadata.scale(*band) != 1.0).count(), 0);
}
