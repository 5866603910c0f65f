//! Blocks of a level become bytes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cog_codecs::encode::{BandSlices, BlockShape, EncodeCodec, Encoder, Encoding};
use cog_raster::{Nodata, Pixels, Sample, SampleType, dispatch};
use cog_tiff::Predictor;

use crate::error::Result;
use crate::image::Image;
use crate::options::Sparse;
use crate::patch::{Patch, Place};
use crate::pyramid::{Block, Data};
use crate::tags::Coded;

/// How blocks of images or of masks are encoded.
#[derive(Debug)]
struct Encoders {
    encoding: Encoding,
    shape: BlockShape,
    tables: Option<Vec<u8>>,
    /// Blocks that are all alike, by their pixel.
    uniform: Mutex<HashMap<Vec<u8>, Arc<Vec<u8>>>>,
}

/// Different blocks of one value each that are remembered.
const UNIFORM: usize = 256;
/// Encoders that a thread keeps: of an image, its overviews and its mask.
const ENCODERS: usize = 4;

thread_local! {
    /// Each thread's own, the last used first: contexts of codecs stay where they were made.
    static KEPT: RefCell<Vec<(Encoding, BlockShape, Encoder)>> = const { RefCell::new(Vec::new()) };
}

impl Encoders {
    /// Refuses what the codec cannot do.
    fn new(encoding: Encoding, shape: BlockShape) -> Result<Encoders> {
        let tables = Encoder::new(&encoding, &shape)?.tables().map(<[u8]>::to_vec);
        Ok(Encoders { encoding, shape, tables, uniform: Mutex::new(HashMap::new()) })
    }

    fn encode(&self, samples: &BandSlices<'_>) -> Result<Vec<u8>> {
        KEPT.with_borrow_mut(|kept| {
            let known = kept.iter().position(|(e, s, _)| *e == self.encoding && *s == self.shape);
            let (.., mut encoder) = match known {
                Some(place) => kept.remove(place),
                None => (self.encoding, self.shape, Encoder::new(&self.encoding, &self.shape)?),
            };
            let mut block = Vec::new();
            encoder.encode(samples, &mut block)?;
            kept.truncate(ENCODERS - 1);
            kept.insert(0, (self.encoding, self.shape, encoder));
            Ok(block)
        })
    }

    /// A block that is full of one pixel, given by the bytes of its bands.
    fn encode_uniform(&self, pixel: &[u8]) -> Result<Arc<Vec<u8>>> {
        let known = || self.uniform.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(block) = known().get(pixel) {
            return Ok(Arc::clone(block));
        }
        let size = self.shape.sample_type.size();
        let (width, height) = (self.shape.width as usize, self.shape.height as usize);
        let whole: Vec<Vec<u8>> = pixel.chunks_exact(size.max(1)).map(|sample| sample.repeat(width * height)).collect();
        let bands: Vec<&[u8]> = whole.iter().map(Vec::as_slice).collect();
        let block = Arc::new(self.encode(&BandSlices { bands: &bands, stride: width * size, width, height })?);
        let mut known = known();
        if known.len() < UNIFORM {
            known.insert(pixel.to_vec(), Arc::clone(&block));
        }
        Ok(block)
    }

    fn coded(&self) -> Coded {
        Coded { encoding: self.encoding, shape: self.shape, tables: self.tables.clone() }
    }
}

/// A block as it will lie in the file; nothing if it is left out.
#[derive(Clone, Debug)]
pub(crate) enum Bytes {
    Own(Vec<u8>),
    /// The same as other blocks: kept once.
    Shared(Arc<Vec<u8>>),
}

/// What became of a block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) image: Option<Bytes>,
    pub(crate) mask: Option<Bytes>,
}

/// Encodes the blocks of some levels, which are encoded alike, and of their masks.
#[derive(Debug)]
pub(crate) struct Coder {
    image: Encoders,
    mask: Option<Encoders>,
    sparse: Sparse,
    /// The pixel of a block that is left out.
    nothing: Patch,
}

impl Coder {
    /// # Errors
    /// What the codec cannot do.
    pub(crate) fn new(
        image: &Image,
        codec: EncodeCodec,
        predictor: Option<Predictor>,
        block: u32,
        sparse: Sparse,
    ) -> Result<Coder> {
        let mut shape = BlockShape::new(block, block, image.bands, image.sample);
        shape.bits = image.bits;
        let encoding = match predictor {
            Some(predictor) => Encoding { codec, predictor },
            None => Encoding::automatic(codec, &shape),
        };
        let mut mask_shape = BlockShape::new(block, block, 1, SampleType::U8);
        mask_shape.bits = 1;
        let mask_encoding = Encoding { codec: mask_codec(), predictor: Predictor::None };
        Ok(Coder {
            image: Encoders::new(encoding, shape)?,
            mask: image.mask.then(|| Encoders::new(mask_encoding, mask_shape)).transpose()?,
            sparse,
            nothing: nothing(image)?,
        })
    }

    /// The pixel of a block of which nothing was ever written.
    pub(crate) fn nothing(&self) -> &Patch {
        &self.nothing
    }

    /// How images are encoded.
    pub(crate) fn coded(&self) -> Coded {
        self.image.coded()
    }

    /// How masks are encoded.
    pub(crate) fn coded_mask(&self) -> Option<Coded> {
        self.mask.as_ref().map(Encoders::coded)
    }

    /// Encodes a block.
    ///
    /// # Errors
    /// What the codec says.
    pub(crate) fn encode(&self, data: &Data) -> Result<Encoded> {
        match data {
            Data::Uniform(pixel) => {
                let nothing = self.nothing.clone().marked(pixel.is_unwritten());
                let left_out = match self.sparse {
                    Sparse::No => false,
                    Sparse::AsSource => pixel.is_unwritten(),
                    Sparse::Yes => true,
                };
                if left_out && pixel.same(&nothing) {
                    return Ok(Encoded::default());
                }
                let image = Some(Bytes::Shared(self.image.encode_uniform(&pixel.bytes())?));
                let mask = match (&self.mask, pixel.mask().and_then(|mask| mask.first())) {
                    (Some(mask), Some(valid)) => Some(Bytes::Shared(mask.encode_uniform(&[valid & 1])?)),
                    _ => None,
                };
                Ok(Encoded { image, mask })
            }
            Data::Pixels(Block { patch, place }) => {
                let image = Some(Bytes::Own(self.encode_pixels(patch, *place)?));
                let mask = match &self.mask {
                    Some(mask) => encode_mask(mask, patch, *place)?,
                    None => None,
                };
                Ok(Encoded { image, mask })
            }
        }
    }

    fn encode_pixels(&self, patch: &Patch, place: Place) -> Result<Vec<u8>> {
        let (bands, height, width) = patch.dim();
        let bytes = patch.bytes();
        let size = patch.pixels().sample_type().size();
        let start = |band: usize| ((band * height + place.row) * width + place.column) * size;
        let end = |band: usize| start(band) + ((place.rows - 1) * width + place.columns) * size;
        let bands: Vec<&[u8]> = (0..bands).map(|band| bytes.get(start(band)..end(band)).unwrap_or_default()).collect();
        self.image.encode(&BandSlices { bands: &bands, stride: width * size, width: place.columns, height: place.rows })
    }
}

fn encode_mask(encoders: &Encoders, patch: &Patch, place: Place) -> Result<Option<Bytes>> {
    let Some(mask) = patch.mask() else { return Ok(None) };
    let Place { row, column, rows, columns } = place;
    let part = mask.slice(cog_raster::ndarray::s![row..row + rows, column..column + columns]);
    let bits: Vec<u8> = part.iter().map(|v| v & 1).collect();
    if let Some(first) = bits.first().filter(|first| bits.iter().all(|bit| bit == *first)) {
        return Ok(Some(Bytes::Shared(encoders.encode_uniform(&[*first])?)));
    }
    let bands = [bits.as_slice()];
    Ok(Some(Bytes::Own(encoders.encode(&BandSlices {
        bands: &bands,
        stride: columns,
        width: columns,
        height: rows,
    })?)))
}

/// GDAL's masks are deflated.
fn mask_codec() -> EncodeCodec {
    if cfg!(feature = "deflate") { EncodeCodec::Deflate { level: 6 } } else { EncodeCodec::PackBits }
}

/// A pixel without data: nodata in every band, or 0, and not valid.
fn nothing(image: &Image) -> Result<Patch> {
    let shape = (usize::from(image.bands), 1, 1);
    let mut patch = Patch::zeros(image.sample, image.mask, shape)?;
    if let Some(nodata) = image.nodata.filter(|nodata| is_held(*nodata, image.sample)) {
        let mask = patch.mask().cloned();
        let pixels = Pixels::filled(image.sample, shape, Some(nodata)).ok_or(crate::Error::OutOfMemory)?;
        patch = Patch::new(pixels, mask);
    }
    Ok(patch)
}

/// True if samples can be nodata.
fn is_held(nodata: Nodata, sample: SampleType) -> bool {
    match nodata {
        Nodata::Float(value) => value.is_nan() || dispatch!(sample, T => <T as Sample>::holds(value), _ => false),
        _ => true,
    }
}
