//! What no authority asks for and readers are glad of, and what looks like a mistake.

use cog_crs::Crs;
use cog_tiff::{Compression, GdalMetadata, GeoKeys, Ifd, Image, Photometric, Predictor, Tag, Tiff, Variant};

use crate::alike::is_large;
use crate::blocks::{Block, Blocks, Places};
use crate::facts::Facts;
use crate::header_bytes::HeaderBytes;
use crate::report::{Finding, MOST_FINDINGS};
use crate::rule::Rule;
use crate::tables::Tables;

/// Headers up to this size come with the first request of most readers.
const HEADER: u64 = 16 << 10;

/// Bytes of a compressed tile that is worth a request, and of one that is read for a few pixels.
const TILE: [u64; 2] = [4 << 10, 1 << 20];

/// So many bands in planes, or more, cost a request each.
const MANY_BANDS: u16 = 4;

/// From here on offsets need 64 bits.
const CLASSIC: u64 = 1 << 32;

/// `blocks` are known after a full check.
pub(crate) fn of(facts: &Facts, bytes: &HeaderBytes, blocks: Option<&Blocks>) -> Vec<Finding> {
    let mut advice = Vec::new();
    header(facts, &mut advice);
    layout(facts, &mut advice);
    pixels(facts, &mut advice);
    crs(facts, &mut advice);
    tile_sizes(facts, blocks, &mut advice);
    damage(facts, blocks, &mut advice);
    server(bytes, &mut advice);
    advice.sort_by_key(|finding| finding.rule);
    advice.truncate(MOST_FINDINGS);
    advice
}

fn header(facts: &Facts, advice: &mut Vec<Finding>) {
    let end = facts.tiff.ifd_bytes();
    if end > HEADER {
        let text = format!("the last IFD and the values of its tags end at byte {end}");
        advice.push(Finding::new(Rule::A01, text).with("header_bytes", end));
    }
    let mut tables: Vec<_> = tables(&facts.tiff).flat_map(|tables| tables.ranges()).collect();
    tables.sort_by_key(|range| range.start);
    // Tables of a few bytes stand in the IFD itself, and others may: a reader has them with it.
    tables.retain(|range| range.start >= end.min(HEADER) && range.end - range.start > 8);
    let gaps = tables.iter().zip(tables.iter().skip(1)).filter(|(a, b)| b.start > a.end.saturating_add(HEADER)).count();
    if gaps > 0 {
        let text = format!("tables of blocks lie in {} places of the file", gaps + 1);
        advice.push(Finding::new(Rule::A02, text).with("places", gaps as u64 + 1));
    }
    if facts.tiff.header().variant == Variant::Big
        && let Some(size) = facts.size.filter(|size| *size < CLASSIC)
    {
        let text = format!("the file has {size} bytes and is a BigTIFF");
        advice.push(Finding::new(Rule::A14, text).with("size", size));
    }
}

fn tables(tiff: &Tiff) -> impl Iterator<Item = Tables> {
    tiff.ifds().iter().filter_map(|ifd| Tables::of(ifd, &Image::of(ifd).ok()?).ok())
}

fn layout(facts: &Facts, advice: &mut Vec<Finding>) {
    let full = &facts.levels.full;
    let layer = &full.layer;
    if is_large(layer) && !(facts.ghost.leader && facts.ghost.trailer) {
        advice.push(Finding::new(Rule::A03, "the file does not announce the sizes of its blocks in front of them"));
    }
    if let Some(mask) = full.mask.as_ref().filter(|_| !facts.ghost.mask_interleaved) {
        advice
            .push(Finding::new(Rule::A11, "the file does not announce that blocks of the mask follow").of(mask.place));
    }
    let mut before = layer;
    for overview in &facts.levels.overviews {
        let (width, height) = overview.layer.size();
        let (by_width, by_height) = (before.image.width / width, before.image.height / height);
        let by = by_width.max(by_height);
        if by > 4 {
            let (name, other) = (overview.layer.place.name(), before.place.name());
            let text = format!("{name} is {by} times smaller than {other}");
            advice.push(Finding::new(Rule::A07, text).of(overview.layer.place).with("times", by.into()));
        }
        before = &overview.layer;
    }
    if layer.image.grid.planes >= u32::from(MANY_BANDS) {
        let text = format!("{} bands are stored apart: each costs a request", layer.image.grid.planes);
        advice.push(Finding::new(Rule::A09, text).of(layer.place).with("bands", layer.image.grid.planes.into()));
    }
    let first = facts.first_blocks.first().map_or(0, |first| first.gdal);
    if facts.ghost.leader && facts.first_is_empty && first != 0 {
        advice.push(
            Finding::new(Rule::A13, "the first block of the image is not stored, and others are").of(layer.place),
        );
    }
}

fn pixels(facts: &Facts, advice: &mut Vec<Finding>) {
    let Some(ifd) = facts.tiff.ifds().first() else { return };
    let layer = &facts.levels.full.layer;
    let image = &layer.image;
    let metadata =
        |ifd: &Ifd| ifd.value(Tag::GDAL_METADATA).and_then(|value| value.text()).map(|xml| GdalMetadata::parse(&xml));
    let own = metadata(ifd);
    let is_gray = matches!(image.photometric, Photometric::MinIsBlack | Photometric::MinIsWhite);
    let measured = own.as_ref().is_some_and(|m| m.items().iter().any(|item| item.name.starts_with("STATISTICS_")));
    if is_gray && image.bits > 1 && !measured {
        advice.push(Finding::new(Rule::A04, "the file holds no statistics of its bands").of(layer.place));
    }
    let packs = matches!(
        image.compression,
        Compression::Lzw | Compression::AdobeDeflate | Compression::Deflate | Compression::Zstd
    );
    if packs && image.predictor == Predictor::None && matches!(image.bits, 16 | 32 | 64) {
        let text = format!("samples of {} bits are compressed without a predictor", image.bits);
        advice.push(Finding::new(Rule::A05, text).of(layer.place).with("bits", image.bits.into()));
    }
    if image.compression == Compression::Jpeg && ifd.entry(Tag::GDAL_NODATA).is_some() {
        advice.push(
            Finding::new(Rule::A10, "pixels are compressed as JPEG, and nodata is a value of them").of(layer.place),
        );
    }
    if image.photometric == Photometric::Palette {
        let all = facts.tiff.ifds().iter().filter_map(metadata);
        let mut items = all.flat_map(|metadata| metadata.items().to_vec());
        let named = |name: &str| matches!(name, "OVERVIEW_RESAMPLING" | "RESAMPLING");
        let blurs =
            |value: &str| !["NEAREST", "NEAR", "MODE", "NONE"].iter().any(|kept| value.eq_ignore_ascii_case(kept));
        if let Some(item) = items.find(|item| named(&item.name) && blurs(&item.value)) {
            let text = format!("overviews of indices into a palette were made by {}", item.value.to_lowercase());
            advice.push(Finding::new(Rule::A15, text));
        }
    }
}

fn crs(facts: &Facts, advice: &mut Vec<Finding>) {
    let Some(ifd) = facts.tiff.ifds().first() else { return };
    let Some(keys) = GeoKeys::of(ifd) else { return };
    let place = facts.levels.full.layer.place;
    let mut add = |text: String| advice.push(Finding::new(Rule::A12, text).of(place));
    match Crs::from_geo_keys(&keys) {
        Err(error) => add(format!("the CRS is not known: {error}")),
        Ok(None) => {}
        Ok(Some(crs)) => {
            crs.warnings().iter().for_each(|warning| add(format!("the keys of the CRS: {warning}")));
            if keys.crs_epsg().is_none() {
                match crs.authority() {
                    Some((authority, code)) => {
                        add(format!("the CRS \"{}\" is written out; it is {authority}:{code}", crs.name()));
                    }
                    None => add(format!("the CRS \"{}\" has no code", crs.name())),
                }
            }
        }
    }
}

fn tile_sizes(facts: &Facts, blocks: Option<&Blocks>, advice: &mut Vec<Finding>) {
    let layer = &facts.levels.full.layer;
    let (width, height) = layer.block_size();
    if !is_large(layer) || layer.image.grid.kind == cog_tiff::BlockKind::Strip {
        return;
    }
    if !width.is_power_of_two() || !height.is_power_of_two() {
        let text = format!("tiles have {width} × {height} pixels");
        let finding = Finding::new(Rule::A06, text).of(layer.place);
        advice.push(finding.with("block_width", width.into()).with("block_height", height.into()));
    }
    let Some(sizes) = blocks.map(|blocks| blocks.full).filter(|sizes| sizes.stored > 0) else { return };
    let (mean, [least, most]) = (sizes.bytes / sizes.stored, TILE);
    if mean < least || mean > most {
        let text = format!("tiles of the image have {mean} bytes on average, as compressed");
        advice.push(Finding::new(Rule::A06, text).of(layer.place).with("bytes", mean));
    }
}

fn damage(facts: &Facts, blocks: Option<&Blocks>, advice: &mut Vec<Finding>) {
    if let Some(size) = facts.size {
        let cut = |(index, ifd): (usize, &Ifd)| {
            let image = Image::of(ifd).ok()?;
            let end = Tables::of(ifd, &image).ok()?.ranges().iter().map(|range| range.end).max()?;
            (end > size).then_some((index, end))
        };
        for (index, end) in facts.tiff.ifds().iter().enumerate().filter_map(cut) {
            let text = format!("the tables of blocks of IFD {index} end at byte {end}, the file at byte {size}");
            advice.push(Finding::new(Rule::A16, text).with("end", end).with("size", size));
        }
    }
    advice.extend(facts.tiff.warnings().into_iter().map(|warning| Finding::new(Rule::A16, warning)));
    let Some(blocks) = blocks else { return };
    let size = facts.size.unwrap_or(0);
    place(&blocks.outside, advice, |count, name| {
        format!("blocks that reach beyond the end of the file at byte {size}: {count}, the first is {name}")
    });
    place(&blocks.overlapping, advice, |count, name| {
        format!("blocks that begin inside another one: {count}, the first is {name}")
    });
}

fn place(places: &Places, advice: &mut Vec<Finding>, tell: impl Fn(u64, String) -> String) {
    let Some(Block { place, at: [x, y], offset, length }) = places.first else { return };
    let name = format!("block ({x}, {y}) of {} at byte {offset} with {length} bytes", place.name());
    let finding = Finding::new(Rule::A16, tell(places.count, name)).of(place).at(x, y);
    advice.push(finding.with("offset", offset).with("length", length).with("blocks", places.count));
}

fn server(bytes: &HeaderBytes, advice: &mut Vec<Finding>) {
    let source = bytes.source();
    if source.is_remote() {
        let version = source.version().unwrap_or_default();
        if version.etag.is_none() && version.last_modified.is_none() {
            let text =
                "the server sends neither ETag nor Last-Modified: a change while the file is read goes unnoticed";
            advice.push(Finding::new(Rule::A17, text));
        }
        if bytes.size().is_none() {
            advice.push(Finding::new(Rule::A17, "the server does not tell the size of the file"));
        }
    }
    advice.extend(source.warnings().into_iter().map(|warning| Finding::new(Rule::A17, warning)));
}
