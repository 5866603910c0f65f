//! Compression 6: the JPEG of TIFF 6.0 (section 22), which Technical Note 2 calls a design that cannot work. Its tables
//! lie in places of their own, whole streams somewhere in the file, and blocks are what is left. This reads what libtiff
//! reads.

use cog_tiff::{Photometric, SampleType};

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded, Delivery};
use crate::codecs::jpeg::picture::Rendering;
use crate::codecs::jpeg::stream::{self, DHT, DQT, DRI, EOI, SOI, SOS};
use crate::codecs::jpeg::{check_frame, decoders};
use crate::error::{Error, Result};
use crate::scratch::Scratch;

const NAME: &str = "old-style JPEG";

/// What an image of compression 6 keeps outside its blocks, as bytes of the file.
///
/// [`header`](Self::header) makes of it what [`BlockSpec::jpeg_tables`] is to hold for every block of the image.
/// All is empty by default.
///
/// ```
/// use cog_codecs::{BlockSpec, OldJpeg};
/// use cog_tiff::{Compression, Photometric, SampleFormat};
///
/// let mut spec = BlockSpec::new(16, 16, 3, 8, SampleFormat::Uint, Compression::OldJpeg);
/// spec.photometric = Photometric::YCbCr;
/// let mut tags = OldJpeg::default();
/// tags.first_block = &[1, 2, 3];
/// assert_eq!(tags.header(&spec).unwrap_err().to_string(), "old-style JPEG: the file has no quantisation table");
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct OldJpeg<'a> {
    /// Those at JPEGInterchangeFormat (tag 513): as many as JPEGInterchangeFormatLength (514) says, or up to the end of
    /// the file if it says none or too many.
    pub interchange: &'a [u8],
    /// The 64 at each offset of JPEGQTables (519).
    pub quantisation: [&'a [u8]; 3],
    /// Those at each offset of JPEGDCTables (520): 16 counts, then as many values as they sum up to. More do no harm: 272
    /// are always enough.
    pub dc: [&'a [u8]; 3],
    /// Those at each offset of JPEGACTables (521), in the same form.
    pub ac: [&'a [u8]; 3],
    /// The first ones of the image's first block. It may begin with markers: 64 KiB hold the most there can be of a kind.
    pub first_block: &'a [u8],
}

/// What was found while reading markers.
#[derive(Debug, Default, Clone, Copy)]
struct Found {
    frame: bool,
    scan: bool,
}

impl OldJpeg<'_> {
    /// The header that the blocks of this image have in common, as a JPEG stream up to its scan header. It may hold the
    /// whole picture of an image of one block, and be empty where blocks are streams of their own.
    ///
    /// `spec` describes the first block: its size, bands and subsampling count.
    ///
    /// # Errors
    /// Format errors where tables are missing or cut short.
    pub fn header(&self, spec: &BlockSpec<'_>) -> Result<Vec<u8>> {
        let mut header = vec![0xff, SOI];
        let mut found = Found::default();
        if let [0xff, ..] = self.interchange {
            let end = markers(self.interchange, &mut header, &mut found)?;
            if found.scan {
                // The picture itself, if this is a whole stream.
                header.extend(self.interchange.get(end..).unwrap_or(&[]));
                return Ok(header);
            }
        }
        if let [0xff, ..] = self.first_block {
            markers(self.first_block, &mut header, &mut found)?;
        }
        match found {
            Found { frame: true, scan: true } => Ok(header),
            Found { frame: true, scan: false } => Err(Error::corrupt(NAME, "there is no scan header")),
            Found { scan: true, .. } => Err(Error::corrupt(NAME, "a scan header without a frame header")),
            _ => self.header_of_tables(spec),
        }
    }

    /// From the tables that tags point to: component `i` has the tables at the offsets `i`, or those before it.
    fn header_of_tables(&self, spec: &BlockSpec<'_>) -> Result<Vec<u8>> {
        let mut header = vec![0xff, SOI];
        let components = u8::try_from(spec.samples).ok().filter(|n| matches!(n, 1 | 3));
        let components =
            components.ok_or_else(|| Error::variant(NAME, format!("a block of {} bands", spec.samples)))?;
        let missing = |what: &str| Error::corrupt(NAME, format!("the file has no {what}"));
        let cut = |what: &str| Error::corrupt(NAME, format!("a {what} is cut short"));
        let mut selected = [[0u8; 3]; 3];
        for (i, bytes) in (0..components).zip(self.quantisation) {
            if bytes.is_empty() && i > 0 {
                continue;
            }
            if bytes.is_empty() {
                return Err(missing("quantisation table"));
            }
            let factors = bytes.first_chunk::<64>().ok_or_else(|| cut("quantisation table"))?;
            stream::push(&mut header, DQT, &[&[i], &factors[..]].concat());
            selected.iter_mut().skip(usize::from(i)).for_each(|s| s[0] = i);
        }
        for (class, (tables, what)) in [(self.dc, "DC Huffman table"), (self.ac, "AC Huffman table")].iter().enumerate()
        {
            for (i, bytes) in (0..components).zip(tables) {
                if bytes.is_empty() && i > 0 {
                    continue;
                }
                if bytes.is_empty() {
                    return Err(missing(what));
                }
                let len =
                    bytes.first_chunk::<16>().map(|counts| 16 + counts.iter().map(|&n| usize::from(n)).sum::<usize>());
                let table = len.and_then(|len| bytes.get(..len)).ok_or_else(|| cut(what))?;
                stream::push(&mut header, DHT, &[&[(class as u8) << 4 | i], table].concat());
                selected.iter_mut().skip(usize::from(i)).for_each(|s| {
                    if let Some(slot) = s.get_mut(1 + class) {
                        *slot = i;
                    }
                });
            }
        }
        let (width, height) = (u16::try_from(spec.width), u16::try_from(spec.height));
        let (Ok(width), Ok(height)) = (width, height) else {
            return Err(Error::variant(NAME, format!("a block of {} × {} pixels", spec.width, spec.height)));
        };
        let (across, down) = if components == 3 { spec.ycbcr_subsampling } else { (1, 1) };
        let luma = (across.min(15) << 4 | down.min(15)) as u8;
        let mut frame = vec![8];
        frame.extend(height.to_be_bytes());
        frame.extend(width.to_be_bytes());
        frame.push(components);
        let mut scan = vec![components];
        for (i, [quantisation, dc, ac]) in (0..components).zip(selected) {
            frame.extend([i, if i == 0 { luma } else { 0x11 }, quantisation]);
            scan.extend([i, dc << 4 | ac]);
        }
        scan.extend([0, 63, 0]);
        stream::push(&mut header, 0xc0, &frame);
        stream::push(&mut header, SOS, &scan);
        Ok(header)
    }
}

/// Copies the markers that matter, up to the scan header; where the last one ends.
fn markers(bytes: &[u8], header: &mut Vec<u8>, found: &mut Found) -> Result<usize> {
    let mut at = 0;
    while let Some(0xff) = bytes.get(at) {
        let segment = stream::segment(bytes, at)?;
        match segment.marker {
            DQT | DHT | DRI => stream::push(header, segment.marker, segment.payload),
            0xc0 | 0xc1 => {
                if found.frame {
                    return Err(Error::corrupt(NAME, "two frame headers"));
                }
                found.frame = true;
                stream::push(header, segment.marker, segment.payload);
            }
            SOS => {
                found.scan = true;
                stream::push(header, segment.marker, segment.payload);
                return Ok(segment.next);
            }
            // Comments and the like, a stray end of a stream.
            0xe0..=0xef | 0xfe | SOI | EOI => {}
            other => return Err(Error::variant(NAME, format!("marker {other:#04x}"))),
        }
        at = segment.next;
    }
    Ok(at)
}

/// Writes one whole stream for a block into `whole`.
fn complete(header: &[u8], src: &[u8], whole: &mut Vec<u8>) -> Result<()> {
    whole.clear();
    if let [0xff, SOI, ..] = src {
        whole.extend(src);
        return Ok(());
    }
    let mut at = 0;
    let scan = loop {
        match header.get(at) {
            None => break None,
            Some(_) => {
                let segment = stream::segment(header, at)?;
                if segment.marker == SOS {
                    break Some(segment.next);
                }
                at = segment.next;
            }
        }
    };
    let scan_end = scan.ok_or_else(|| Error::corrupt(NAME, "there is no header for this block"))?;
    match (header.get(scan_end..), src) {
        // All of it is in the header.
        (Some([_, _, _, ..]), _) => whole.extend(header),
        // The block has a scan header of its own, perhaps more.
        (_, [0xff, marker, ..]) if *marker != 0 => {
            whole.extend(header.get(..at).unwrap_or(&[]));
            whole.extend(src);
        }
        _ => {
            whole.extend(header.get(..scan_end).unwrap_or(&[]));
            whole.extend(src);
        }
    }
    whole.extend([0xff, EOI]);
    Ok(())
}

/// Blocks of 8 bits and one or three bands. YCbCr is enlarged by repetition and converted with the coefficients of the
/// tags, as libtiff's RGBA view does, which is all that GDAL gives of this compression.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OldStyle;

struct Whole;
struct Joined;

impl Codec for OldStyle {
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        self.check(spec)?;
        let mut whole = scratch.take_buffer::<Whole>(NAME, 0)?;
        let mut joined = scratch.take_buffer::<Joined>(NAME, 0)?;
        let result = complete(spec.jpeg_tables.unwrap_or(&[]), src, &mut whole)
            .and_then(|()| decode(spec, &whole, &mut joined, scratch, out));
        scratch.put_buffer::<Whole>(whole);
        scratch.put_buffer::<Joined>(joined);
        result.map(|()| Decoded::default())
    }

    fn delivery(&self, _spec: &BlockSpec<'_>) -> Delivery {
        Delivery::Samples
    }

    fn heeds_fill_order(&self) -> bool {
        false
    }

    fn check(&self, spec: &BlockSpec<'_>) -> Result<()> {
        if spec.bits_per_sample != 8 || spec.sample_type()? != SampleType::U8 {
            return Err(Error::variant(NAME, format!("a depth of {} bits", spec.bits_per_sample)));
        }
        match (spec.samples, spec.photometric) {
            (1, Photometric::YCbCr) => Err(Error::variant(NAME, "YCbCr in planes")),
            (1 | 3, _) => Ok(()),
            (bands, _) => Err(Error::variant(NAME, format!("a block of {bands} bands"))),
        }
    }
}

fn decode(
    spec: &BlockSpec<'_>,
    whole: &[u8],
    joined: &mut Vec<u8>,
    scratch: &mut Scratch,
    out: &mut [u8],
) -> Result<()> {
    let frame = stream::join(None, whole, joined)?;
    check_frame(spec, &frame)?;
    let rows = frame.height.min(spec.height) as usize;
    let used = rows * spec.width as usize * usize::from(spec.samples);
    let (out, missing) = out.split_at_mut_checked(used).ok_or(Error::Usage("a slice shorter than the block"))?;
    missing.fill(0);
    let rendering = if frame.has_tiff_subsampling() { Rendering::Repeated } else { Rendering::Stored };
    decoders::decode(joined, &frame, rendering, rows, scratch, out)
}
