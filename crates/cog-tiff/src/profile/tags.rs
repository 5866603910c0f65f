//! Metadata as GDAL presents it: items by domain, from GDAL_METADATA and from TIFF tags.

use std::collections::HashMap;

use crate::gdal::Details;
use crate::gdal::printf::general;
use crate::gdal::{color_profile, exif, rpc};
use crate::ifd::Ifd;
use crate::image::Image;
use crate::profile::Profile;
use crate::profile::image_structure;
use crate::structure::Place;
use crate::tag::Tag;
use crate::tiff::Tiff;
use crate::value::Value;

/// Items of one metadata domain; the default domain has no name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Domain {
    /// Its name: "", "IMAGE_STRUCTURE", or what the file says.
    pub name: String,
    /// (name, value) in file order.
    pub items: Vec<(String, String)>,
}

/// TIFF tags that GDAL shows as metadata.
const TEXT_TAGS: [(Tag, &str); 8] = [
    (Tag::DOCUMENT_NAME, "TIFFTAG_DOCUMENTNAME"),
    (Tag::IMAGE_DESCRIPTION, "TIFFTAG_IMAGEDESCRIPTION"),
    (Tag::SOFTWARE, "TIFFTAG_SOFTWARE"),
    (Tag::DATE_TIME, "TIFFTAG_DATETIME"),
    (Tag::ARTIST, "TIFFTAG_ARTIST"),
    (Tag::HOST_COMPUTER, "TIFFTAG_HOSTCOMPUTER"),
    (Tag::COPYRIGHT, "TIFFTAG_COPYRIGHT"),
    (Tag::TIFF_RSID, "TIFFTAG_RSID"),
];

impl Profile {
    /// Metadata of the dataset, as rasterio's `tags()` of each domain: what follows from the values that were read with the
    /// IFD. [`Profile::all_tags`] gives the rest.
    pub fn tags(&self, tiff: &Tiff, ifd: &Ifd) -> Vec<Domain> {
        self.domains(tiff, ifd, &Details::default()).sorted()
    }

    /// All metadata of the dataset. `location` is what the file is called in the names of SUBDATASETS, which GDAL gives for
    /// the first image of a file of several: `GTIFF_DIR:n:location`, with directories counted from 1 along their chain.
    pub fn all_tags(&self, tiff: &Tiff, ifd: &Ifd, details: &Details, location: &str) -> Vec<Domain> {
        let mut domains = self.domains(tiff, ifd, details);
        let first = tiff.pages().first().and_then(|page| tiff.ifds().get(page.full.ifd));
        if first.is_some_and(|first| first.offset() == ifd.offset()) {
            for (name, value) in subdatasets(tiff, location) {
                domains.put("SUBDATASETS", &name, value);
            }
        }
        domains.sorted()
    }

    fn domains(&self, tiff: &Tiff, ifd: &Ifd, details: &Details) -> Domains {
        let mut domains = Domains::default();
        for (name, value) in tag_items(ifd) {
            domains.put("", &name, value);
        }
        let image = Image::of(ifd).ok();
        if let Some(image) = &image {
            for (name, value) in color_profile::items(ifd, image, details) {
                domains.put("COLOR_PROFILE", name, value);
            }
        }
        for (name, value) in rpc::items(ifd) {
            domains.put("RPC", name, value);
        }
        if let Some(xmp) = details.value(ifd, Tag::XMP).and_then(Value::text) {
            domains.put(XMP, XMP, xmp);
        }
        for (directory, gps) in [(details.exif(), false), (details.gps(), true)] {
            for (name, value) in directory.map(|ifd| exif::items(ifd, gps)).unwrap_or_default() {
                domains.put("EXIF", &name, value);
            }
        }
        for (domain, name, value) in self.metadata.plain(None) {
            domains.put_item(domain, name, value);
        }
        if let Some(keys) = self.geo_keys.as_ref().filter(|keys| keys.says_raster_type()) {
            domains.put("", "AREA_OR_POINT", if keys.pixel_is_point() { "Point" } else { "Area" }.to_string());
        }
        for (domain, name, value) in self.pam.iter().flat_map(|pam| pam.metadata.plain(None)) {
            domains.put_item(domain, name, value);
        }
        if let Some(image) = &image {
            for (name, value) in image_structure::items(tiff, ifd, image, self, details) {
                domains.put(image_structure::DOMAIN, name, value);
            }
        }
        domains
    }

    /// Metadata of a band, counted from 1, as rasterio's `tags(band)` of each domain.
    pub fn band_tags(&self, ifd: &Ifd, band: u32) -> Vec<Domain> {
        let mut domains = Domains::default();
        for (domain, name, value) in self.metadata.plain(Some(band)) {
            domains.put_item(domain, name, value);
        }
        if let Ok(image) = Image::of(ifd) {
            for (name, value) in image_structure::band_items(&image, self) {
                domains.put(image_structure::DOMAIN, name, value);
            }
        }
        domains.list
    }
}

/// The domain of the XMP packet, which is its only item.
const XMP: &str = "xml:XMP";

/// Names and descriptions of the images of a file, if there are several.
fn subdatasets(tiff: &Tiff, location: &str) -> Vec<(String, String)> {
    let chain = (0..tiff.ifds().len()).filter(|ifd| tiff.place(*ifd) == Some(Place::Chain));
    let numbers: HashMap<usize, usize> = chain.enumerate().map(|(n, ifd)| (ifd, n + 1)).collect();
    let described = tiff.pages().iter().filter_map(|page| {
        let n = numbers.get(&page.full.ifd)?;
        let image = Image::of(tiff.ifds().get(page.full.ifd)?).ok()?;
        let desc = format!("Page {n} ({}P x {}L x {}B)", image.width, image.height, image.samples);
        let name = format!("GTIFF_DIR:{n}:{location}");
        Some([(format!("SUBDATASET_{n}_NAME"), name), (format!("SUBDATASET_{n}_DESC"), desc)])
    });
    let all: Vec<_> = described.collect();
    if all.len() < 2 { Vec::new() } else { all.into_iter().flatten().collect() }
}

/// Domains in the order of their first items; of items with the same name the last one counts.
#[derive(Default)]
struct Domains {
    list: Vec<Domain>,
    domains: HashMap<String, usize>,
    items: HashMap<(usize, String), usize>,
}

impl Domains {
    /// An item of GDAL_METADATA or a side-car. Of the domain of the structure GDAL takes no item over as it is; a domain of
    /// XML has one item, called as the domain.
    fn put_item(&mut self, domain: Option<&str>, name: &str, value: &str) {
        let domain = domain.unwrap_or("");
        if domain.eq_ignore_ascii_case(image_structure::DOMAIN) {
            return;
        }
        let is_xml = domain.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xml:"));
        self.put(domain, if is_xml { domain } else { name }, value.to_string());
    }

    /// Domains and names are the same in any case; the last spelling of a name counts.
    fn put(&mut self, domain: &str, name: &str, value: String) {
        let key = domain.to_ascii_lowercase();
        let at = self.domains.get(&key).copied().unwrap_or_else(|| {
            self.list.push(Domain { name: domain.to_string(), items: Vec::new() });
            self.domains.insert(key, self.list.len() - 1);
            self.list.len() - 1
        });
        let Some(domain) = self.list.get_mut(at) else { return };
        let item = *self.items.entry((at, name.to_ascii_lowercase())).or_insert(domain.items.len());
        match domain.items.get_mut(item) {
            Some(old) => *old = (name.to_string(), value),
            None => domain.items.push((name.to_string(), value)),
        }
    }

    /// The default domain first, the others in their order.
    fn sorted(mut self) -> Vec<Domain> {
        self.list.sort_by_key(|domain| !domain.name.is_empty());
        self.list
    }
}

fn tag_items(ifd: &Ifd) -> Vec<(String, String)> {
    let mut items = Vec::new();
    let mut push = |name: &str, value: String| items.push((name.to_string(), value));
    for (tag, name) in TEXT_TAGS {
        if let Some(text) = ifd.text(tag) {
            push(name, text);
        }
    }
    for (tag, name) in [(Tag::X_RESOLUTION, "TIFFTAG_XRESOLUTION"), (Tag::Y_RESOLUTION, "TIFFTAG_YRESOLUTION")] {
        if let Some(value) = ifd.value(tag).and_then(|v| v.f64_at(0)) {
            push(name, general(f64::from(value as f32), 8));
        }
    }
    if let Some(unit) = ifd.u64(Tag::RESOLUTION_UNIT) {
        let meaning = match unit {
            1 => "1 (unitless)".to_string(),
            2 => "2 (pixels/inch)".to_string(),
            3 => "3 (pixels/cm)".to_string(),
            other => other.to_string(),
        };
        push("TIFFTAG_RESOLUTIONUNIT", meaning);
    }
    for (tag, name) in
        [(Tag::MIN_SAMPLE_VALUE, "TIFFTAG_MINSAMPLEVALUE"), (Tag::MAX_SAMPLE_VALUE, "TIFFTAG_MAXSAMPLEVALUE")]
    {
        if let Some(value) = ifd.u64(tag) {
            push(name, value.to_string());
        }
    }
    items
}
