//! The check of one file.

use cog_io::Source;
use cog_tiff::{Image, Limits};

use crate::advice;
use crate::blocks::Blocks;
use crate::error::{Error, Result};
use crate::facts::{Beside, Facts};
use crate::frames;
use crate::gdal;
use crate::header_bytes::HeaderBytes;
use crate::layers::{Level, Levels};
use crate::ogc;
use crate::report::{Finding, Report};
use crate::rio_cogeo;
use crate::rule::Rule;
use crate::tables::Tables;

/// Bytes of the first read unless the caller says otherwise.
const FIRST_READ: u64 = 32 << 10;

/// A check to be run.
#[derive(Clone, Debug)]
pub struct Validation {
    source: Source,
    beside: Option<Source>,
    full: Option<bool>,
    limits: Limits,
    first_read: u64,
}

impl Validation {
    /// Of a file, an object or bytes in memory.
    pub fn of(source: Source) -> Validation {
        Validation { source, beside: None, full: None, limits: Limits::default(), first_read: FIRST_READ }
    }

    /// Whether every block is looked at: what stands around it where GDAL's layout promises that, and whether it lies in the file. Unless
    /// this is called, those of local files and of bytes in memory are, and those of remote objects are not.
    pub fn full(mut self, full: bool) -> Validation {
        self.full = Some(full);
        self
    }

    /// The file `NAME.ovr` that lies beside the image: GDAL reads overviews from it where the image has none.
    pub fn overviews_beside(mut self, source: Source) -> Validation {
        self.beside = Some(source);
        self
    }

    /// Bounds of parsing.
    pub fn limits(mut self, limits: Limits) -> Validation {
        self.limits = limits;
        self
    }

    /// Bytes of the first read, by default 32 KiB.
    pub fn first_read(mut self, bytes: u64) -> Validation {
        self.first_read = bytes.max(16);
        self
    }

    /// Reads what is needed and judges it.
    ///
    /// # Errors
    /// A file whose bytes do not come, one that is no raster, and one whose first image no reader can open. A raster of another format
    /// is no error: it is not valid ([`Rule::R01`], [`Rule::G01`], [`Rule::O01`]).
    pub async fn run(self) -> Result<Report> {
        let full = self.full.unwrap_or(!self.source.is_remote());
        let mut bytes = HeaderBytes::open(self.source, self.first_read).await?;
        let tiff = match bytes.parse(&self.limits).await {
            Ok(tiff) => tiff,
            Err(Error::Structure { source: cog_tiff::Error::NotTiff(_), .. })
                if other_format(&bytes.first(16)).is_some() =>
            {
                return Ok(not_tiff(&bytes, full));
            }
            Err(error) => return Err(error),
        };
        let beside = match self.beside {
            Some(source) => beside(source, &self.limits, self.first_read).await?,
            None => None,
        };
        let facts = Facts::of(&mut bytes, tiff, beside).await?;
        let mut report = Report { full, size: facts.size, ..Report::default() };
        measure(&facts, &mut report);
        report.rio_cogeo = rio_cogeo::judge(&facts);
        report.gdal = gdal::judge(&facts);
        report.ogc = ogc::judge(&facts);
        if full && facts.ghost.promises() && !gdal::is_first(facts.levels.full.layer.offset) {
            for level in facts.shown() {
                let Level { layer, mask } = level;
                frames::check(&mut bytes, &facts.ghost, layer, mask.as_ref(), &mut report.gdal).await?;
                if let Some(mask) = mask {
                    frames::check(&mut bytes, &facts.ghost, mask, None, &mut report.gdal).await?;
                }
            }
        }
        let blocks = if full { Some(Blocks::of(&mut bytes, &facts).await?) } else { None };
        report.advice = advice::of(&facts, &bytes, blocks.as_ref());
        Ok(report)
    }
}

/// Opens the file of overviews beside an image. What has its name and is no TIFF is none.
async fn beside(source: Source, limits: &Limits, first_read: u64) -> Result<Option<Beside>> {
    let mut bytes = HeaderBytes::open(source, first_read).await?;
    let tiff = match bytes.parse(limits).await {
        Ok(tiff) => tiff,
        Err(Error::Structure { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let levels = Levels::of(&tiff, true).ok().map(Levels::into_overviews);
    Ok(levels.map(|levels| Beside { bytes, levels }))
}

/// How large headers and tables are.
fn measure(facts: &Facts, report: &mut Report) {
    report.header_bytes = facts.tiff.ifd_bytes();
    for ifd in facts.tiff.ifds() {
        let Ok(image) = Image::of(ifd) else { continue };
        let Ok(tables) = Tables::of(ifd, &image) else { continue };
        report.table_bytes = report.table_bytes.saturating_add(tables.byte_len());
        report.blocks = report.blocks.saturating_add(tables.block_count());
    }
}

/// The verdicts on a raster of another format.
fn not_tiff(bytes: &HeaderBytes, full: bool) -> Report {
    let mut report = Report { full, size: bytes.size(), ..Report::default() };
    let format = other_format(&bytes.first(16)).unwrap_or("another format");
    let finding = |rule| Finding::new(rule, format!("the file is no TIFF: it is {format}"));
    report.rio_cogeo.add(finding(Rule::R01));
    report.gdal.add(finding(Rule::G01));
    report.ogc.add(finding(Rule::O01));
    report
}

/// The name of a raster format that is not TIFF and that GDAL reads, by the first bytes of a file.
fn other_format(first: &[u8]) -> Option<&'static str> {
    const FORMATS: [(&[u8], &str); 9] = [
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"GIF8", "GIF"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"\x89HDF\r\n\x1a\n", "HDF5 or netCDF 4"),
        (b"CDF\x01", "netCDF"),
        (b"CDF\x02", "netCDF"),
        (b"<VRTDataset", "a VRT of GDAL"),
    ];
    let webp = first.starts_with(b"RIFF") && first.get(8..12) == Some(b"WEBP");
    let known = FORMATS.iter().find(|(magic, _)| first.starts_with(magic)).map(|(_, name)| *name);
    known.or(webp.then_some("WebP"))
}
