//! What GDAL tells of an image beyond the values that are read with its IFD: large values, Exif directories, the first block.

use std::ops::Range;

use crate::block_table::BlockTable;
use crate::compression::Compression;
use crate::error::{Part, Result};
use crate::ifd::Ifd;
use crate::image::Image;
use crate::known_bytes::{KnownBytes, Lookup, Stop, join_ranges, lookup};
use crate::limits::Limits;
use crate::tag::Tag;
use crate::tiff::Tiff;
use crate::value::Value;

/// Values that may be too large to be read with the IFD.
const LARGE: [Tag; 3] = [Tag::XMP, Tag::ICC_PROFILE, Tag::TRANSFER_FUNCTION];
/// Blocks among which one with data is looked for.
const BLOCKS: u64 = 4096;
/// Enough of a WebP stream to see how its picture is coded.
const WEBP_BYTES: u64 = 64;

/// Values, directories and facts that are fetched when someone wants all metadata of an image.
#[derive(Clone, Debug, Default)]
pub struct Details {
    values: Vec<(Tag, Value)>,
    exif: Option<Ifd>,
    gps: Option<Ifd>,
    webp_is_lossless: Option<bool>,
    warnings: Vec<String>,
}

impl Details {
    /// Looks everything up. What is damaged is left out, and [`Details::warnings`] says so.
    pub fn lookup<K: KnownBytes + ?Sized>(known: &K, tiff: &Tiff, ifd: &Ifd, limits: &Limits) -> Lookup<Details> {
        let mut details = Details::default();
        let mut need = Vec::new();
        for tag in LARGE {
            let value = details.settled(ifd.lookup_value(known, tag, limits), &format!("tag {tag}"), &mut need);
            // A value that is there already is not copied.
            let loaded = ifd.value(tag).is_some();
            details.values.extend(value?.flatten().filter(|_| !loaded).map(|value| (tag, value)));
        }
        for (tag, gps) in [(Tag::EXIF_IFD, false), (Tag::GPS_IFD, true)] {
            let Some(offset) = ifd.u64(tag) else { continue };
            let found = Ifd::parse(known, tiff.header(), offset, limits);
            let found = details.settled(found, &format!("tag {tag}"), &mut need)?;
            if gps {
                details.gps = found;
            } else {
                details.exif = found;
            }
        }
        if let Ok(image) = Image::of(ifd) {
            if image.compression == Compression::WebP {
                let found = webp_is_lossless(known, ifd, &image);
                details.webp_is_lossless = details.settled(found, "the first WebP block", &mut need)?.flatten();
            }
        }
        if need.is_empty() { Ok(details) } else { Err(Stop::Need(join_ranges(need))) }
    }

    /// What was damaged, one line each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// A value of the IFD, read with it or looked up here.
    pub(crate) fn value<'a>(&'a self, ifd: &'a Ifd, tag: Tag) -> Option<&'a Value> {
        ifd.value(tag).or_else(|| self.values.iter().find(|(t, _)| *t == tag).map(|(_, value)| value))
    }

    pub(crate) fn exif(&self) -> Option<&Ifd> {
        self.exif.as_ref()
    }

    pub(crate) fn gps(&self) -> Option<&Ifd> {
        self.gps.as_ref()
    }

    pub(crate) fn webp_is_lossless(&self) -> Option<bool> {
        self.webp_is_lossless
    }

    /// What was found; nothing if bytes are missing, which are then needed, or if it is damaged.
    fn settled<T>(&mut self, found: Lookup<T>, what: &str, need: &mut Vec<Range<u64>>) -> Result<Option<T>> {
        match found {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Need(ranges)) => {
                need.extend(ranges);
                Ok(None)
            }
            Err(Stop::Failed(error)) => {
                self.warnings.push(format!("{what} cannot be read: {error}"));
                Ok(None)
            }
        }
    }
}

/// Whether the first block with data is coded without loss; `None` if there is none, or it does not say.
fn webp_is_lossless<K: KnownBytes + ?Sized>(known: &K, ifd: &Ifd, image: &Image) -> Lookup<Option<bool>> {
    let table = BlockTable::of(ifd, image)?;
    let locations = table.locations(known, 0..table.block_count().min(BLOCKS))?;
    let Some(block) = locations.iter().find(|block| !block.is_sparse()) else { return Ok(None) };
    let bytes = lookup(known, Part::Ifd, block.offset, block.length.min(WEBP_BYTES))?;
    Ok(is_lossless(&bytes))
}

/// A WebP stream (RFC 9649): a chunk "VP8L" is lossless, "VP8 " is not; an extended file says it in the chunks that follow.
fn is_lossless(stream: &[u8]) -> Option<bool> {
    let mut rest = stream.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WEBP")?;
    loop {
        let ([a, b, c, d], body) = rest.split_first_chunk::<4>()?;
        match &[*a, *b, *c, *d] {
            b"VP8L" => return Some(true),
            // Alpha in a chunk of its own goes with lossy colours only.
            b"VP8 " | b"ALPH" => return Some(false),
            _ => {}
        }
        let (length, body) = body.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        rest = body.get(length.checked_add(length % 2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::is_lossless;

    #[test]
    fn the_chunks_of_a_webp_stream_say_whether_it_is_lossless() {
        assert_eq!(is_lossless(b"RIFF\x10\0\0\0WEBPVP8L\x04\0\0\0"), Some(true));
        assert_eq!(is_lossless(b"RIFF\x10\0\0\0WEBPVP8 \x04\0\0\0"), Some(false));
        let extended = [&b"RIFF\x30\0\0\0WEBPVP8X\x0a\0\0\0"[..], &[0; 10], b"ALPH\x04\0\0\0"].concat();
        assert_eq!(is_lossless(&extended), Some(false));
        for len in 0..extended.len() {
            _ = is_lossless(&extended[..len]);
        }
        assert_eq!(is_lossless(b"RIFF\x10\0\0\0WEBPVP8X\xff\xff\xff\xff"), None);
    }
}
