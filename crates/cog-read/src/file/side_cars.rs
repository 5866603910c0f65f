//! Files beside an image that belong to it, as GDAL writes them: `NAME.ovr` (overviews), `NAME.msk` (a mask, its own overviews
//! in it or in `NAME.msk.ovr`), `NAME.aux.xml` (CRS, transform, nodata, metadata) and world files (transform).

use std::sync::Arc;

use cog_io::Location;
use cog_tiff::{
    Beside, GdalMetadata, GeoTransform, Georeference, Ifd, Image, Level, Page, Pam, SampleType, Tag, world_file,
};
use futures_util::future::{try_join_all, try_join4};

use crate::error::{Error, Result};
use crate::file::header_bytes::HeaderBytes;
use crate::file::tiff_file::TiffFile;
use crate::session::Session;

/// A longer `.aux.xml` is refused.
const MOST_XML: u64 = 16 << 20;

/// A longer world file is none: GDAL reads a hundred lines of a hundred bytes.
const MOST_WORLD: u64 = 16 << 10;

/// What was found beside an image.
#[derive(Default)]
pub(crate) struct SideCars {
    /// Those that are TIFF files, in the order in which their IFDs are counted behind those of the image.
    files: Vec<Arc<TiffFile>>,
    /// The image with the overviews and masks that lie in them.
    page: Option<Page>,
    pam: Option<(Arc<str>, Arc<Pam>)>,
    world_file: Option<(Arc<str>, GeoTransform)>,
    /// What was found and passed over, a line each.
    warnings: Vec<String>,
}

/// An `.aux.xml`, or why what has its name is none.
enum Xml {
    Pam(Arc<str>, Arc<Pam>),
    Other(String),
}

impl SideCars {
    /// Looks for what the image itself lacks: GDAL uses no `.ovr` where the file has overviews, no `.msk` where it has a mask,
    /// and no world file where it has a transform.
    pub(crate) async fn beside(session: &Session, location: &Location, image: &Arc<TiffFile>) -> Result<SideCars> {
        let Some(page) = image.tiff.pages().first() else { return Ok(SideCars::default()) };
        let Some(full) = describe(image, page.full.ifd) else { return Ok(SideCars::default()) };
        let wanted = |suffix: &str, wanted: bool| wanted.then(|| location.with_suffix(suffix));
        let own = image.tiff.ifds().get(page.full.ifd).map_or(Georeference::None, Georeference::of);
        let placed = matches!(own, Georeference::Transform(_));
        let (overviews, mask, pam, world_file) = try_join4(
            tiff(session, wanted(".ovr", page.overviews.is_empty())),
            mask(session, location, page.full.mask.is_none(), &full),
            pam(session, location.with_suffix(".aux.xml")),
            world(session, location, !placed),
        )
        .await?;
        let (pam, warnings) = match pam {
            Some(Xml::Pam(name, pam)) => (Some((name, pam)), Vec::new()),
            Some(Xml::Other(warning)) => (None, vec![warning]),
            None => (None, Vec::new()),
        };
        // An `.aux.xml` with a transform leaves nothing to a world file.
        let world_file = world_file.filter(|_| pam.as_ref().is_none_or(|(_, pam)| pam.transform.is_none()));
        let mut found = SideCars { files: Vec::new(), page: None, pam, world_file, warnings };
        let mut page = page.clone();
        let mut counted = image.tiff.ifds().len();
        if let Some(file) = overviews {
            page.overviews = overviews_of(&file, &full)?.into_iter().map(|level| moved(level, counted)).collect();
            counted += file.tiff.ifds().len();
            found.files.push(file);
        }
        let sizes: Vec<Option<(u32, u32)>> =
            page.overviews.iter().map(|level| found.find(image, level.ifd)).map(size_of).collect();
        for file in mask.into_iter().flatten() {
            for level in file.tiff.pages().first().into_iter().flat_map(Page::levels) {
                let size = size_of(Some((&file, level.ifd)));
                let masked = Some(counted + level.ifd);
                if size == Some((full.width, full.height)) {
                    page.full.mask = page.full.mask.or(masked);
                }
                let same =
                    page.overviews.iter_mut().zip(&sizes).find(|(_, overview)| size.is_some() && **overview == size);
                if let Some((overview, _)) = same {
                    overview.mask = overview.mask.or(masked);
                }
            }
            counted += file.tiff.ifds().len();
            found.files.push(file);
        }
        found.page = (!found.files.is_empty()).then_some(page);
        Ok(found)
    }

    /// The image with what lies in side-cars, if anything does.
    pub(crate) fn page(&self) -> Option<&Page> {
        self.page.as_ref()
    }

    /// What was found and passed over.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What they say of the image beside its pixels.
    pub(crate) fn beside_image(&self) -> Beside {
        Beside {
            pam: self.pam.as_ref().map(|(_, pam)| Arc::clone(pam)),
            world_file: self.world_file.as_ref().map(|(_, transform)| *transform),
        }
    }

    pub(crate) fn files(&self) -> &[Arc<TiffFile>] {
        &self.files
    }

    /// What they are called: redacted.
    pub(crate) fn locations(&self) -> Vec<Arc<str>> {
        let xml = self.pam.iter().map(|(location, _)| Arc::clone(location));
        let world = self.world_file.iter().map(|(location, _)| Arc::clone(location));
        self.files.iter().map(|file| file.location()).chain(xml).chain(world).collect()
    }

    /// The file of an IFD and its place there. The IFDs of `image` come first.
    pub(crate) fn find<'a>(&'a self, image: &'a Arc<TiffFile>, ifd: usize) -> Option<(&'a Arc<TiffFile>, usize)> {
        let mut rest = ifd;
        for file in std::iter::once(image).chain(&self.files) {
            let count = file.tiff.ifds().len();
            if rest < count {
                return Some((file, rest));
            }
            rest -= count;
        }
        None
    }
}

/// What a side-car must fit.
struct Described {
    location: Arc<str>,
    width: u32,
    height: u32,
    samples: u16,
    sample_type: SampleType,
}

fn describe(file: &TiffFile, ifd: usize) -> Option<Described> {
    let ifd = file.tiff.ifds().get(ifd)?;
    let image = Image::of(ifd).ok()?;
    let sample_type = image.sample_type(ifd).ok()?;
    let Image { width, height, samples, .. } = image;
    Some(Described { location: file.location(), width, height, samples, sample_type })
}

fn size_of(place: Option<(&Arc<TiffFile>, usize)>) -> Option<(u32, u32)> {
    let (file, ifd) = place?;
    describe(file, ifd).map(|d| (d.width, d.height))
}

fn moved(level: &Level, by: usize) -> Level {
    Level { ifd: level.ifd + by, mask: level.mask.map(|mask| mask + by) }
}

/// The bytes at the start of a file, if it is there. Stores answer "denied" for what is missing to who may not list.
async fn first_bytes(session: &Session, location: &Location) -> Result<Option<HeaderBytes>> {
    let opened = match session.io().open(location).await {
        Ok(source) => TiffFile::first_bytes(session, source).await,
        Err(error) => Err(Error::Io(error)),
    };
    use cog_io::Error as E;
    match opened {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Error::Io(E::NotFound { .. } | E::Denied { .. } | E::NotAFile { .. } | E::Empty { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A TIFF file, if there is one: some servers have a page for every name.
async fn tiff(session: &Session, location: Option<Location>) -> Result<Option<Arc<TiffFile>>> {
    let Some(location) = location else { return Ok(None) };
    let Some(header) = first_bytes(session, &location).await? else { return Ok(None) };
    let magic = header.get(0..4).unwrap_or_default();
    if !matches!(&magic[..], b"II*\0" | b"MM\0*" | b"II+\0" | b"MM\0+") {
        tracing::debug!(location = %header.location(), "passed over: not a TIFF file");
        return Ok(None);
    }
    TiffFile::parse(session, header).await.map(Some)
}

/// The file of the mask, and that of its overviews.
async fn mask(
    session: &Session,
    location: &Location,
    wanted: bool,
    image: &Described,
) -> Result<[Option<Arc<TiffFile>>; 2]> {
    let location = location.with_suffix(".msk");
    let Some(file) = tiff(session, wanted.then(|| location.clone())).await? else { return Ok([None, None]) };
    if !is_mask(&file, image)? {
        return Ok([None, None]);
    }
    let has_overviews = file.tiff.pages().first().is_some_and(|page| !page.overviews.is_empty());
    let overviews = tiff(session, (!has_overviews).then(|| location.with_suffix(".ovr"))).await?;
    Ok([Some(file), overviews])
}

/// GDAL takes a `.msk` for what it is by an item of its metadata; one without is passed over.
fn is_mask(file: &TiffFile, image: &Described) -> Result<bool> {
    let full = file.tiff.pages().first().map(|page| page.full.ifd);
    let Some((ifd, mask)) = full.and_then(|ifd| Some((file.tiff.ifds().get(ifd)?, describe(file, ifd)?))) else {
        return Ok(false);
    };
    let Some(flags) = mask_flags(ifd) else {
        tracing::debug!(location = %file.location(), "passed over: no INTERNAL_MASK_FLAGS_1");
        return Ok(false);
    };
    let unfit =
        |problem: String| Err(Error::SideCar { location: file.location(), image: image.location.clone(), problem });
    if (mask.width, mask.height) != (image.width, image.height) {
        let (mask, image) = ((mask.width, mask.height), (image.width, image.height));
        return unfit(format!("the mask is of {} × {} pixels, the image of {} × {}", mask.0, mask.1, image.0, image.1));
    }
    if mask.sample_type != SampleType::U8 {
        return unfit(format!("a mask of {} is not supported", mask.sample_type.name()));
    }
    if flags & PER_DATASET == 0 && mask.samples > 1 {
        return unfit("a mask for each band is not supported".into());
    }
    Ok(true)
}

/// GDAL's GMF_PER_DATASET: one mask for all bands.
const PER_DATASET: u32 = 2;

fn mask_flags(ifd: &Ifd) -> Option<u32> {
    let metadata = GdalMetadata::parse(&ifd.text(Tag::GDAL_METADATA)?);
    let (_, _, flags) = metadata.plain(None).find(|(_, name, _)| *name == "INTERNAL_MASK_FLAGS_1")?;
    flags.trim().parse().ok()
}

/// The images of an `.ovr`: all reduced ones, the first one too.
fn overviews_of<'a>(file: &'a TiffFile, image: &Described) -> Result<Vec<&'a Level>> {
    let levels: Vec<&Level> = file.tiff.pages().first().into_iter().flat_map(Page::levels).collect();
    for level in &levels {
        let Some(found) = describe(file, level.ifd) else { continue };
        let same = found.samples == image.samples && found.sample_type == image.sample_type;
        if !same || found.width > image.width || found.height > image.height {
            let show = |d: &Described| {
                format!("{} × {} pixels with {} bands of {}", d.width, d.height, d.samples, d.sample_type.name())
            };
            let problem = format!("an overview of {}, the image is of {}", show(&found), show(image));
            return Err(Error::SideCar { location: file.location(), image: image.location.clone(), problem });
        }
    }
    Ok(levels.into_iter().filter(|level| describe(file, level.ifd).is_some()).collect())
}

/// An `.aux.xml`, if there is one that is GDAL's.
async fn pam(session: &Session, location: Location) -> Result<Option<Xml>> {
    let Some(header) = first_bytes(session, &location).await? else { return Ok(None) };
    let (name, have) = (header.location(), header.total());
    let all = header.source().size().unwrap_or(have);
    if all > MOST_XML {
        return Err(Error::TooLarge { location: name, what: "side-car", bytes: all, limit: MOST_XML });
    }
    let mut text = header.get(0..have.min(all)).unwrap_or_default().to_vec();
    if all > have {
        text.extend_from_slice(&header.source().read(have..all).await?);
    }
    Ok(Some(match Pam::parse(&String::from_utf8_lossy(&text)) {
        Some(pam) => Xml::Pam(name, Arc::new(pam)),
        None => {
            tracing::debug!(location = %name, "passed over: no PAMDataset");
            Xml::Other(format!("{name} is passed over: it holds no PAMDataset that is whole"))
        }
    }))
}

/// The first world file that is one, in GDAL's order: the first and the last letter of the image's extension and a `w`, the
/// extension and a `w`, `wld`; each in lower case, then in upper case. All are asked for at once.
async fn world(session: &Session, location: &Location, wanted: bool) -> Result<Option<(Arc<str>, GeoTransform)>> {
    if !wanted {
        return Ok(None);
    }
    let read = |extension: String| world_of(session, location.with_extension(&extension));
    let found = try_join_all(world_extensions(location.extension().as_deref()).into_iter().map(read)).await?;
    Ok(found.into_iter().flatten().next())
}

fn world_extensions(of_image: Option<&str>) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(extension) = of_image {
        // GDAL wants an extension of at least two letters here.
        if let (Some(first), Some(last), Some(_)) =
            (extension.chars().next(), extension.chars().last(), extension.chars().nth(1))
        {
            names.extend([format!("{first}{last}w"), format!("{extension}w")]);
        }
    }
    names.push("wld".to_string());
    names.into_iter().flat_map(|name| [name.to_ascii_lowercase(), name.to_ascii_uppercase()]).collect()
}

async fn world_of(session: &Session, location: Location) -> Result<Option<(Arc<str>, GeoTransform)>> {
    let Some(header) = first_bytes(session, &location).await? else { return Ok(None) };
    let name = header.location();
    let have = header.total();
    // The first read brings far more than a world file has.
    if header.source().size().unwrap_or(have) > MOST_WORLD.min(have) {
        tracing::debug!(location = %name, "passed over: too long for a world file");
        return Ok(None);
    }
    let transform = world_file(&String::from_utf8_lossy(&header.get(0..have).unwrap_or_default()));
    if transform.is_none() {
        tracing::debug!(location = %name, "passed over: not the six numbers of a world file");
    }
    Ok(transform.map(|transform| (name, transform)))
}

#[cfg(test)]
mod tests {
    use super::world_extensions;

    #[test]
    fn world_files_are_named_after_the_extension_of_their_image() {
        let tif = ["tfw", "TFW", "tifw", "TIFW", "wld", "WLD"];
        assert_eq!(world_extensions(Some("tif")), tif);
        assert_eq!(world_extensions(Some("TIF")), tif);
        assert_eq!(world_extensions(Some("tiff")), ["tfw", "TFW", "tiffw", "TIFFW", "wld", "WLD"]);
        assert_eq!(world_extensions(None), ["wld", "WLD"]);
    }
}
