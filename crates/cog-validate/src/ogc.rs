//! The requirements and recommendations of OGC 21-026, Cloud Optimized GeoTIFF Standard 1.0, by their letter.
//!
//! Masks are IFDs of their own without a place on Earth, which [`Rule::O04`] forbids: every masked COG of GDAL breaks it. Among the
//! overviews ([`Rule::O06`] to [`Rule::O08`]) masks do not count: the standard does not say where they stand.

use cog_tiff::{BlockKind, Compression, Ifd, Image, Place, SubfileType, Tag, Variant};

use crate::facts::Facts;
use crate::report::{Finding, ImagePlace, Verdict};
use crate::rule::Rule;

/// From here on offsets need 64 bits.
const CLASSIC: u64 = 1 << 32;

/// The widest screen that the standard speaks of, in pixels.
const SCREEN: u32 = 1024;

/// One IFD of the chain.
struct Page<'a> {
    ifd: &'a Ifd,
    place: ImagePlace,
    subfile: SubfileType,
    image: Option<Image>,
}

pub(crate) fn judge(facts: &Facts) -> Verdict {
    let mut verdict = Verdict::default();
    let pages: Vec<Page<'_>> = pages(facts);
    size(facts, &mut verdict);
    pages.iter().for_each(|page| tiles(page, &mut verdict));
    georeference(&pages, &mut verdict);
    overviews(&pages, &mut verdict);
    recommendations(facts, &pages, &mut verdict);
    verdict
}

fn pages(facts: &Facts) -> Vec<Page<'_>> {
    let known: Vec<ImagePlace> = facts
        .levels
        .all()
        .flat_map(|level| std::iter::once(&level.layer).chain(&level.mask))
        .map(|layer| layer.place)
        .collect();
    let chain = facts.tiff.ifds().iter().enumerate();
    chain
        .filter(|(index, _)| facts.tiff.place(*index) == Some(Place::Chain))
        .map(|(index, ifd)| {
            let subfile = SubfileType::of(ifd);
            let other = ImagePlace { ifd: index, level: None, mask: subfile.mask, beside: false };
            let place = known.iter().find(|place| place.ifd == index).copied().unwrap_or(other);
            Page { ifd, place, subfile, image: Image::of(ifd).ok() }
        })
        .collect()
}

fn size(facts: &Facts, verdict: &mut Verdict) {
    let is_big = facts.tiff.header().variant == Variant::Big;
    match facts.size {
        Some(size) if size > CLASSIC && !is_big => {
            let text = format!("the file has {size} bytes and is no BigTIFF");
            verdict.add(Finding::new(Rule::O01, text).with("size", size));
        }
        Some(size) if size < CLASSIC && is_big => {
            let text = format!("the file has {size} bytes and is a BigTIFF");
            verdict.add(Finding::new(Rule::O21, text).with("size", size));
        }
        _ => {}
    }
}

fn tiles(page: &Page<'_>, verdict: &mut Verdict) {
    let name = page.place.name();
    let needed = [Tag::TILE_WIDTH, Tag::TILE_LENGTH, Tag::TILE_OFFSETS, Tag::TILE_BYTE_COUNTS];
    if needed.iter().any(|tag| page.ifd.entry(*tag).is_none()) {
        let text = match &page.image {
            Some(image) => {
                format!("{name} has strips of {} × {} pixels", image.grid.block_width, image.grid.block_height)
            }
            None => format!("{name} has no tiles"),
        };
        verdict.add(Finding::new(Rule::O02, text).of(page.place));
        return;
    }
    let Some(image) = &page.image else { return };
    let (width, height) = (image.grid.block_width, image.grid.block_height);
    let finding = |rule, text| {
        let finding = Finding::new(rule, text).of(page.place);
        finding.with("block_width", width.into()).with("block_height", height.into())
    };
    if width != height {
        verdict.add(finding(Rule::O09, format!("tiles of {name} are not square: {width} × {height} pixels")));
    }
    if width > SCREEN || height > SCREEN {
        verdict.add(finding(Rule::O10, format!("tiles of {name} have {width} × {height} pixels")));
    }
}

fn georeference(pages: &[Page<'_>], verdict: &mut Verdict) {
    if let Some(first) = pages.first().filter(|page| page.ifd.entry(Tag::GEO_KEY_DIRECTORY).is_none()) {
        verdict.add(Finding::new(Rule::O03, "the image has no GeoKeyDirectory: the CRS is not known").of(first.place));
    }
    for page in pages {
        let tags = |wanted: &[Tag], there: bool| -> Vec<&'static str> {
            let found = wanted.iter().filter(|tag| page.ifd.entry(**tag).is_some() == there);
            found.filter_map(|tag| tag.name()).collect()
        };
        let name = page.place.name();
        if page.subfile.reduced {
            let own = [Tag::MODEL_TIEPOINT, Tag::MODEL_PIXEL_SCALE, Tag::MODEL_TRANSFORMATION, Tag::GEO_KEY_DIRECTORY];
            let own = tags(&own, true);
            if !own.is_empty() {
                let text = format!("{name} has {} of its own", own.join(", "));
                verdict.add(Finding::new(Rule::O05, text).of(page.place));
            }
            continue;
        }
        let missing = tags(&[Tag::MODEL_TIEPOINT, Tag::MODEL_PIXEL_SCALE, Tag::GEO_KEY_DIRECTORY], false);
        if !missing.is_empty() {
            let why = match (page.subfile.mask, page.ifd.entry(Tag::MODEL_TRANSFORMATION)) {
                (true, _) => " (it is a mask, which the standard does not except)",
                (_, Some(_)) => " (it has ModelTransformation, which the standard does not know)",
                _ => "",
            };
            let text = format!("{name} lacks {}{why}", missing.join(", "));
            verdict.add(Finding::new(Rule::O04, text).of(page.place));
        }
    }
}

fn overviews(pages: &[Page<'_>], verdict: &mut Verdict) {
    let mut before: Option<&Page<'_>> = None;
    for page in pages.iter().filter(|page| !page.subfile.mask) {
        if page.subfile.reduced {
            reduced(page, before, verdict);
        } else if let Some(last) = before {
            smallest(last, verdict);
        }
        before = Some(page);
    }
    if let Some(last) = before {
        smallest(last, verdict);
    }
}

/// An overview behind the level `before`.
fn reduced(page: &Page<'_>, before: Option<&Page<'_>>, verdict: &mut Verdict) {
    let name = page.place.name();
    let Some(before) = before else {
        let text = format!("{name} is marked as reduced, and no image of full resolution comes before it");
        verdict.add(Finding::new(Rule::O06, text).of(page.place));
        return;
    };
    let (Some(image), Some(larger)) = (&page.image, &before.image) else { return };
    let other = before.place.name();
    let sizes =
        format!("{name} has {} × {} pixels, {other} {} × {}", image.width, image.height, larger.width, larger.height);
    let finding = |rule| {
        let finding = Finding::new(rule, sizes.clone()).of(page.place);
        finding.with("width", image.width.into()).with("height", image.height.into())
    };
    if image.width >= larger.width || image.height >= larger.height {
        verdict.add(finding(Rule::O06));
        return;
    }
    // Sizes that do not divide are rounded one way or the other.
    let is_right = |small: u32, large: u32| small <= large.div_ceil(2) && small >= large / 10;
    if !is_right(image.width, larger.width) || !is_right(image.height, larger.height) {
        verdict.add(finding(Rule::O07));
    }
}

/// The last level of an image.
fn smallest(page: &Page<'_>, verdict: &mut Verdict) {
    let Some(image) = &page.image else { return };
    let (across, down) = (image.grid.across(), image.grid.down());
    if across > 1 && down > 1 {
        let text = format!("{}, the smallest level, still has {across} × {down} blocks", page.place.name());
        let finding = Finding::new(Rule::O08, text).of(page.place);
        verdict.add(finding.with("blocks_across", across.into()).with("blocks_down", down.into()));
    }
}

fn recommendations(facts: &Facts, pages: &[Page<'_>], verdict: &mut Verdict) {
    let full = &facts.levels.full.layer;
    if full.image.compression == Compression::None {
        verdict.add(Finding::new(Rule::O22, "blocks of the image are not compressed").of(full.place));
    }
    if let Some(text) = disorder(facts, pages) {
        verdict.add(Finding::new(Rule::O23, text));
    }
    let sizes = pages.iter().filter(|page| !page.subfile.mask).filter_map(|page| {
        let grid = page.image.as_ref().map(|image| image.grid).filter(|grid| grid.kind == BlockKind::Tile)?;
        Some((page.place, grid.block_width, grid.block_height))
    });
    let (block_width, block_height) = full.block_size();
    let odd = sizes.into_iter().find(|(_, width, height)| {
        (*width, *height) != (block_width, block_height) || !width.is_power_of_two() || !height.is_power_of_two()
    });
    if let Some((place, width, height)) = odd {
        let text = match (width, height) == (block_width, block_height) {
            true => format!("blocks of {width} × {height} pixels are no powers of two"),
            false => format!(
                "blocks of {} have {width} × {height} pixels, those of the image {block_width} × {block_height}",
                place.name()
            ),
        };
        verdict.add(Finding::new(Rule::O24, text).of(place));
    }
}

/// The first thing that is not in its place.
fn disorder(facts: &Facts, pages: &[Page<'_>]) -> Option<String> {
    let pairs = pages.iter().zip(pages.iter().skip(1));
    if let Some((a, b)) = pairs.into_iter().find(|(a, b)| b.ifd.offset() < a.ifd.offset()) {
        let (name, other) = (b.place.name(), a.place.name());
        let (at, other_at) = (b.ifd.offset(), a.ifd.offset());
        return Some(format!("the IFD of {name} lies at byte {at}, before that of {other} at byte {other_at}"));
    }
    let last = pages.iter().map(|page| page.ifd.offset()).max()?;
    let levels: Vec<_> = facts
        .levels
        .all()
        .zip(&facts.first_blocks)
        .filter(|(_, first)| first.gdal != 0)
        .map(|(level, first)| (level.layer.place, first.gdal))
        .collect();
    if let Some((place, at)) = levels.iter().find(|(_, at)| *at < last) {
        return Some(format!("blocks of {} begin at byte {at}, before the IFD at byte {last}", place.name()));
    }
    let pairs = levels.iter().zip(levels.iter().skip(1));
    let (large, small) = pairs.into_iter().find(|((_, large), (_, small))| large < small)?;
    let (name, other) = (large.0.name(), small.0.name());
    Some(format!("blocks of {name} begin at byte {}, before those of {other} at byte {}", large.1, small.1))
}
