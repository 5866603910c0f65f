//! What these tests share: files of `testdata`, TIFFs made by hand, and cutting windows out of whole images.

use std::future::Future;

use bytes::Bytes;
use cog_read::io::Source;
use cog_read::{Cog, Raster, Session, SessionOptions};
use cog_testkit::{Corpus, CorpusFile};

pub(crate) fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

pub(crate) fn file(name: &str) -> CorpusFile {
    let files = Corpus::testdata().files().unwrap();
    files.into_iter().find(|f| f.name() == format!("{name}.tif")).unwrap_or_else(|| panic!("{name} is not in testdata"))
}

pub(crate) fn bytes(name: &str) -> Bytes {
    std::fs::read(file(name).path).unwrap().into()
}

pub(crate) fn session() -> Session {
    Session::new(SessionOptions::default().with_threads(2))
}

pub(crate) async fn open(name: &str) -> Cog {
    session().open(file(name).path.to_str().unwrap()).await.unwrap()
}

pub(crate) async fn open_bytes(session: &Session, bytes: impl Into<Bytes>) -> Cog {
    session.open_source(Source::from_bytes(bytes.into())).await.unwrap()
}

/// Bands (from 0) of a rectangle of a whole image, as little-endian bytes.
pub(crate) fn cut(whole: &Raster, bands: &[usize], [x, y, width, height]: [usize; 4]) -> Vec<u8> {
    let (_, rows, columns) = whole.dim();
    let size = whole.pixels.sample_type().size();
    let all = whole.pixels.to_le_bytes();
    let mut out = Vec::new();
    for band in bands {
        for row in y..y + height {
            let start = ((band * rows + row) * columns + x) * size;
            out.extend_from_slice(&all[start..start + width * size]);
        }
    }
    out
}

/// A little-endian TIFF of 8-bit samples in uncompressed strips of one row each, chunky.
pub(crate) struct RowTiff<'a> {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) bands: u16,
    /// Tag 338 of the last sample: 0 unspecified, 2 alpha. Only with more than one band.
    pub(crate) extra: u16,
    /// (tag, text).
    pub(crate) texts: &'a [(u16, &'a str)],
    /// How many strips the tables speak of; the others are not in the file.
    pub(crate) entries: u16,
    /// Strips with offset and count 0.
    pub(crate) sparse: &'a [u16],
    pub(crate) samples: &'a [u8],
}

impl RowTiff<'_> {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let row = usize::from(self.width * self.bands);
        let mut out = b"II*\0\0\0\0\0".to_vec();
        out.extend_from_slice(self.samples);
        let stored = |i: u16| !self.sparse.contains(&i);
        let offsets: Vec<u32> =
            (0..self.entries).map(|i| if stored(i) { 8 + u32::from(i) * row as u32 } else { 0 }).collect();
        let counts: Vec<u32> = (0..self.entries).map(|i| if stored(i) { row as u32 } else { 0 }).collect();
        let longs = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
        let shorts = |numbers: &[u16]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
        // Tag, type, count, value.
        let mut tags: Vec<(u16, u16, usize, Vec<u8>)> = vec![
            (256, 3, 1, shorts(&[self.width])),
            (257, 3, 1, shorts(&[self.height])),
            (258, 3, self.bands.into(), shorts(&vec![8; self.bands.into()])),
            (259, 3, 1, shorts(&[1])),
            (262, 3, 1, shorts(&[1])),
            (273, 4, self.entries.into(), longs(&offsets)),
            (277, 3, 1, shorts(&[self.bands])),
            (278, 3, 1, shorts(&[1])),
            (279, 4, self.entries.into(), longs(&counts)),
        ];
        if self.bands > 1 {
            let mut extra = vec![0; usize::from(self.bands) - 1];
            *extra.last_mut().unwrap() = self.extra;
            tags.push((338, 3, extra.len(), shorts(&extra)));
        }
        for (tag, text) in self.texts {
            tags.push((*tag, 2, text.len() + 1, [text.as_bytes(), b"\0"].concat()));
        }
        tags.sort();
        let mut fields = Vec::new();
        for (tag, kind, count, value) in tags {
            fields.extend_from_slice(&tag.to_le_bytes());
            fields.extend_from_slice(&kind.to_le_bytes());
            fields.extend_from_slice(&(count as u32).to_le_bytes());
            let mut inline = value.clone();
            if value.len() > 4 {
                out.resize(out.len().next_multiple_of(2), 0);
                inline = (out.len() as u32).to_le_bytes().to_vec();
                out.extend_from_slice(&value);
            }
            inline.resize(4, 0);
            fields.extend_from_slice(&inline);
        }
        out.resize(out.len().next_multiple_of(2), 0);
        let ifd = out.len() as u32;
        out[4..8].copy_from_slice(&ifd.to_le_bytes());
        out.extend_from_slice(&((fields.len() / 12) as u16).to_le_bytes());
        out.extend_from_slice(&fields);
        out.extend_from_slice(&[0; 4]);
        out
    }
}

/// `height` rows of `width` gray pixels.
pub(crate) fn rows(width: u16, height: u16, samples: &[u8]) -> RowTiff<'_> {
    RowTiff { width, height, bands: 1, extra: 0, texts: &[], entries: height, sparse: &[], samples }
}
