//! GDAL's names of single directories: `GTIFF_DIR:2:FILE`, `GTIFF_DIR:off:1234:FILE`
//! (<https://gdal.org/drivers/raster/gtiff.html#subdatasets>).

use std::sync::Arc;

use cog_io::Location;
use cog_tiff::{Level, Page, Place};

use crate::cog::Cog;
use crate::error::{Error, Result, UsageProblem};

/// Which IFD of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Directory {
    /// The place in the chain of IFDs, counted from 1.
    Number(u64),
    /// The byte at which it begins.
    Offset(u64),
}

impl Directory {
    /// The directory that a location names, and the location of its file; `None` for a location that names none.
    ///
    /// # Errors
    /// A name of that form without a number or a file.
    pub(crate) fn split(location: &str) -> Result<Option<(Directory, &str)>> {
        let location = location.trim_start();
        if strip_prefix(location, "GTIFF_RAW:").is_some() {
            return Err(Error::RawName);
        }
        let Some(rest) = strip_prefix(location, "GTIFF_DIR:") else { return Ok(None) };
        let (kind, numbered): (fn(u64) -> Directory, &str) = match strip_prefix(rest, "off:") {
            Some(rest) => (Directory::Offset, rest),
            None => (Directory::Number, rest),
        };
        let parts = numbered.split_once(':').and_then(|(number, file)| Some((number.parse::<u64>().ok()?, file)));
        match parts {
            Some((number, file)) if number > 0 && !file.trim().is_empty() => Ok(Some((kind(number), file))),
            _ => Err(Error::DirectoryName),
        }
    }
}

/// The location of the file that a text names as [`Session::open`](crate::Session::open) takes it: what stands behind
/// `GTIFF_DIR:2:`, or all of it.
///
/// # Errors
/// What [`Location::parse`] refuses, and a `GTIFF_DIR:` without directory or file.
pub fn file_location(text: &str) -> Result<Location> {
    let file = Directory::split(text)?.map_or(text, |(_, file)| file);
    Ok(Location::parse(file)?)
}

/// GDAL compares prefixes without case.
fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..)).flatten()
}

impl Cog {
    /// The page whose full image the directory is; any other one (an overview, a mask) stands alone, as all do in GDAL: without
    /// overviews, mask and side-cars, and with the CRS only if it has one of its own.
    pub(crate) fn directory(&self, directory: Directory) -> Result<Cog> {
        let tiff = self.tiff();
        let found = match directory {
            Directory::Number(number) => {
                let chain = (0..tiff.ifds().len()).filter(|&index| tiff.place(index) == Some(Place::Chain));
                usize::try_from(number - 1).ok().and_then(|skipped| chain.into_iter().nth(skipped))
            }
            Directory::Offset(offset) => tiff.ifds().iter().position(|ifd| ifd.offset() == offset),
        };
        let ifd = found.ok_or_else(|| {
            self.usage(UsageProblem::NoSuchDirectory {
                wanted: match directory {
                    Directory::Number(number) => format!("directory {number}"),
                    Directory::Offset(offset) => format!("a directory at offset {offset}"),
                },
                count: (0..tiff.ifds().len()).filter(|&index| tiff.place(index) == Some(Place::Chain)).count(),
            })
        })?;
        match tiff.pages().iter().position(|page| page.full.ifd == ifd) {
            Some(page) => self.page(page),
            None => {
                let alone = Page { full: Level { ifd, mask: None }, overviews: Vec::new() };
                Ok(self.showing(self.page_count(), Some(Arc::new(alone))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gdals_names_are_split_from_the_file() {
        let split = |text| Directory::split(text).unwrap();
        assert_eq!(split("GTIFF_DIR:2:a.tif"), Some((Directory::Number(2), "a.tif")));
        assert_eq!(split("gtiff_dir:OFF:408:C:\\a.tif"), Some((Directory::Offset(408), "C:\\a.tif")));
        assert_eq!(
            split("GTIFF_DIR:1:https://h:80/a.tif?x=:1:"),
            Some((Directory::Number(1), "https://h:80/a.tif?x=:1:"))
        );
        for path in ["a.tif", "GTIFF_DIR", "https://h/GTIFF_DIR:2:a.tif", "é"] {
            assert_eq!(split(path), None, "{path}");
        }
        for text in [
            "GTIFF_DIR:",
            "GTIFF_DIR:1",
            "GTIFF_DIR:1:",
            "GTIFF_DIR:0:a",
            "GTIFF_DIR:x:a",
            "GTIFF_DIR:off:a.tif",
            "GTIFF_DIR:-1:a",
        ] {
            assert!(Directory::split(text).unwrap_err().to_string().contains("GTIFF_DIR:2:FILE"), "{text}");
        }
        assert_eq!(file_location("GTIFF_DIR:2:file:///a.tif").unwrap(), Location::parse("/a.tif").unwrap());
        assert_eq!(file_location("/a.tif").unwrap(), Location::parse("/a.tif").unwrap());
        assert!(Directory::split("GTIFF_RAW:a.tif").unwrap_err().to_string().contains("--raw-color"));
    }
}
