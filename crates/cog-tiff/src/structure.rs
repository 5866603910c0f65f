//! Which IFD is what: full images, their overviews, their masks, further pages.

use std::collections::HashMap;

use crate::ifd::Ifd;
use crate::image::Image;
use crate::tag::Tag;
use crate::tiff::Place;

/// Tag 254, NewSubfileType (TIFF 6.0 section 8), with tag 255 as its older form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubfileType {
    /// Bit 0: a smaller version of another image.
    pub reduced: bool,
    /// Bit 1: a page of several.
    pub page: bool,
    /// Bit 2: the transparency mask of another image.
    pub mask: bool,
}

impl SubfileType {
    /// Reads the bits; an IFD without the tag is a full image.
    pub fn of(ifd: &Ifd) -> SubfileType {
        let bits = match (ifd.u64(Tag::NEW_SUBFILE_TYPE), ifd.u64(Tag::SUBFILE_TYPE)) {
            (Some(bits), _) => bits,
            (None, Some(2)) => 1,
            (None, Some(3)) => 2,
            _ => 0,
        };
        SubfileType { reduced: bits & 1 != 0, page: bits & 2 != 0, mask: bits & 4 != 0 }
    }
}

/// One resolution of an image: indices into [`Tiff::ifds`](crate::Tiff::ifds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// The image.
    pub ifd: usize,
    /// Its transparency mask.
    pub mask: Option<usize>,
}

/// An image of the file with its overviews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Full resolution.
    pub full: Level,
    /// Reduced resolutions in file order.
    pub overviews: Vec<Level>,
}

impl Page {
    /// Full resolution, then the overviews.
    pub fn levels(&self) -> impl Iterator<Item = &Level> {
        std::iter::once(&self.full).chain(&self.overviews)
    }
}

/// What an IFD is sorted by. A damaged IFD has no image and stays a page of its own if nothing marks it.
struct Candidate {
    index: usize,
    subfile: SubfileType,
    size: Option<(u32, u32)>,
    samples: u16,
}

/// Sorts IFDs as GDAL does: the first one is the full image; reduced ones of the chain are its overviews, masks
/// belong to the image of their size, whatever lies between them; everything else is a further page. Reduced and
/// mask SubIFDs belong to their parent.
pub(crate) fn pages(ifds: &[Ifd], places: &[Place]) -> Vec<Page> {
    let candidates: Vec<Candidate> = ifds.iter().enumerate().map(|(index, ifd)| candidate(index, ifd)).collect();
    let mut pages: Vec<Page> = Vec::new();
    // Page of a full image, by the index of its IFD.
    let mut full: HashMap<usize, usize> = HashMap::new();
    for (c, place) in candidates.iter().zip(places) {
        let ordinary = !c.subfile.reduced && !c.subfile.mask;
        if *place == Place::Chain && (ordinary || pages.is_empty()) {
            full.insert(c.index, pages.len());
            pages.push(Page { full: Level { ifd: c.index, mask: None }, overviews: Vec::new() });
        }
    }
    for (c, place) in candidates.iter().zip(places) {
        if !c.subfile.reduced || c.subfile.mask || full.contains_key(&c.index) {
            continue;
        }
        if let Some(page) = owner(&full, *place).and_then(|page| pages.get_mut(page)) {
            let full = candidates.get(page.full.ifd);
            if full.is_some_and(|f| c.size.is_some() && f.samples == c.samples) {
                page.overviews.push(Level { ifd: c.index, mask: None });
            }
        }
    }
    // Levels without a mask, by page and size, the last one first.
    let mut unmasked: HashMap<(usize, (u32, u32)), Vec<usize>> = HashMap::new();
    for (page, levels) in pages.iter().enumerate() {
        for (level, image) in levels.levels().enumerate().collect::<Vec<_>>().into_iter().rev() {
            if let Some(size) = candidates.get(image.ifd).and_then(|c| c.size) {
                unmasked.entry((page, size)).or_default().push(level);
            }
        }
    }
    for (c, place) in candidates.iter().zip(places) {
        let (true, Some(size), false) = (c.subfile.mask, c.size, full.contains_key(&c.index)) else { continue };
        let Some(page) = owner(&full, *place) else { continue };
        let level = unmasked.get_mut(&(page, size)).and_then(Vec::pop);
        let Some((level, page)) = level.zip(pages.get_mut(page)) else { continue };
        let image = if level == 0 { Some(&mut page.full) } else { page.overviews.get_mut(level - 1) };
        if let Some(image) = image {
            image.mask = Some(c.index);
        }
    }
    pages
}

/// The page that an overview or mask belongs to: the first one of the chain, or its parent.
fn owner(full: &HashMap<usize, usize>, place: Place) -> Option<usize> {
    match place {
        Place::Chain => full.get(&0).copied(),
        Place::SubIfd(parent) => full.get(&parent).copied(),
    }
}

fn candidate(index: usize, ifd: &Ifd) -> Candidate {
    let image = Image::of(ifd).ok();
    Candidate {
        index,
        subfile: SubfileType::of(ifd),
        size: image.as_ref().map(|i| (i.width, i.height)),
        samples: image.as_ref().map_or(0, |i| i.samples),
    }
}
