//! Which IFD is what: full images, their overviews, their masks, further pages.

use std::collections::{BTreeMap, HashMap};

use crate::ifd::Ifd;
use crate::image::Image;
use crate::tag::Tag;

/// How an IFD hangs in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the chain that starts at the header.
    Chain,
    /// Named by tag 330 of the IFD with this index.
    SubIfd(usize),
}

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

/// How many full images before a reduced one are tried.
const TRIED: usize = 1024;

impl Candidate {
    /// Whether this can be a smaller version of `full`: as many samples, and one factor for both sides, give or take a pixel.
    fn fits(&self, full: &Candidate) -> bool {
        let (Some((w, h)), Some((full_w, full_h))) = (self.size, full.size) else { return false };
        let [w, h, full_w, full_h] = [w, h, full_w, full_h].map(u64::from);
        let one_factor = full_w * (h - 1) <= full_h * (w + 1) && full_h * (w - 1) <= full_w * (h + 1);
        self.samples == full.samples && w <= full_w && h <= full_h && one_factor
    }
}

/// Sorts IFDs: the first one and all that are neither reduced nor masks are full images, each a page. A reduced one of the
/// chain belongs to the last full image before it whose shape it fits (OGC 21-026: each full-resolution IFD is followed by its reduced ones); if
/// only one comes before it, to that one, whatever its shape. Masks belong to the last full image before them that has a
/// level of their size and no mask for it yet, whatever lies between them. Reduced and mask SubIFDs belong to their parent.
///
/// GDAL is the same for a file of one full image. Of several it gives all that is reduced, and the masks, to the first,
/// and shows the others without overviews and mask.
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
        let owner = match place {
            Place::SubIfd(parent) => full.get(parent).copied(),
            Place::Chain => owner_in_chain(c, &candidates, &pages),
        };
        if let Some(page) = owner.and_then(|page| pages.get_mut(page)) {
            let full = candidates.get(page.full.ifd);
            if full.is_some_and(|f| c.size.is_some() && f.samples == c.samples) {
                page.overviews.push(Level { ifd: c.index, mask: None });
            }
        }
    }
    // Levels without a mask, by size and page, the last one first.
    let mut unmasked: HashMap<(u32, u32), BTreeMap<usize, Vec<usize>>> = HashMap::new();
    for (page, levels) in pages.iter().enumerate() {
        for (level, image) in levels.levels().enumerate().collect::<Vec<_>>().into_iter().rev() {
            if let Some(size) = candidates.get(image.ifd).and_then(|c| c.size) {
                unmasked.entry(size).or_default().entry(page).or_default().push(level);
            }
        }
    }
    for (c, place) in candidates.iter().zip(places) {
        let (true, Some(size), false) = (c.subfile.mask, c.size, full.contains_key(&c.index)) else { continue };
        let Some(of_size) = unmasked.get_mut(&size) else { continue };
        let owner = match place {
            Place::SubIfd(parent) => full.get(parent).copied().filter(|page| of_size.contains_key(page)),
            Place::Chain => of_size.range(..pages_before(c, &pages)).next_back().map(|(page, _)| *page),
        };
        let Some(page) = owner else { continue };
        let Some(levels) = of_size.get_mut(&page) else { continue };
        let level = levels.pop();
        if levels.is_empty() {
            of_size.remove(&page);
        }
        let Some((level, page)) = level.zip(pages.get_mut(page)) else { continue };
        let image = if level == 0 { Some(&mut page.full) } else { page.overviews.get_mut(level - 1) };
        if let Some(image) = image {
            image.mask = Some(c.index);
        }
    }
    pages
}

/// How many pages begin before an IFD.
fn pages_before(c: &Candidate, pages: &[Page]) -> usize {
    pages.partition_point(|page| page.full.ifd < c.index)
}

/// The page that a reduced image of the chain belongs to.
fn owner_in_chain(c: &Candidate, candidates: &[Candidate], pages: &[Page]) -> Option<usize> {
    let before = pages_before(c, pages);
    let fits =
        |page: &usize| pages.get(*page).and_then(|p| candidates.get(p.full.ifd)).is_some_and(|full| c.fits(full));
    (0..before).rev().take(TRIED).find(fits).or((before == 1).then_some(0))
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
