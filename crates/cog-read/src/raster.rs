//! What a read returns.

use std::sync::Arc;
use std::time::Duration;

use cog_tiff::{GeoTransform, Nodata, SampleType};
use ndarray::{Array2, Array3, ArrayView3};
use num_complex::Complex;

use crate::bounds::Bounds;
use crate::validity::Validity;
use crate::window::Window;

macro_rules! pixels {
    ($($variant:ident($type:ty)),* $(,)?) => {
        /// Samples in the file's type, as (band, row, column); row 0 is the top one. Values are as stored: neither scaled
        /// nor stretched. Depths below a whole byte, 16- and 24-bit floats and complex integers come in the next type
        /// that holds them (see [`SampleType`]).
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        #[allow(missing_docs)]
        pub enum Pixels {
            $($variant(Array3<$type>),)*
        }

        impl Pixels {
            /// Bands, rows, columns.
            pub fn dim(&self) -> (usize, usize, usize) {
                match self { $(Pixels::$variant(a) => a.dim(),)* }
            }

            /// The type of the samples.
            pub fn sample_type(&self) -> SampleType {
                match self { $(Pixels::$variant(_) => SampleType::$variant,)* }
            }

            /// Drops the bands behind the first `bands`.
            pub(crate) fn truncate(&mut self, bands: usize) {
                match self { $(Pixels::$variant(a) => if bands < a.dim().0 {
                    *a = a.slice(ndarray::s![..bands, .., ..]).to_owned();
                },)* }
            }

            /// Only these bands, in this order.
            pub(crate) fn select(&self, bands: &[usize]) -> Pixels {
                match self { $(Pixels::$variant(a) => Pixels::$variant(a.select(ndarray::Axis(0), bands)),)* }
            }

            /// The samples as little-endian bytes, band after band, rows from the top: what NumPy stores.
            pub fn to_le_bytes(&self) -> Vec<u8> {
                match self { $(Pixels::$variant(a) => {
                    let mut bytes = Vec::with_capacity(a.len() * self.sample_type().size());
                    a.iter().for_each(|v| v.push_le(&mut bytes));
                    bytes
                },)* }
            }

            /// Writes the samples as little-endian bytes, in pieces.
            pub fn write_le(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
                match self { $(Pixels::$variant(a) => {
                    let mut piece = Vec::with_capacity(1 << 16);
                    for v in a {
                        v.push_le(&mut piece);
                        if piece.len() >= (1 << 16) - 16 {
                            out.write_all(&piece)?;
                            piece.clear();
                        }
                    }
                    out.write_all(&piece)
                },)* }
            }
        }

        $(impl From<Array3<$type>> for Pixels {
            fn from(a: Array3<$type>) -> Self { Pixels::$variant(a) }
        }

        impl Sample for $type {
            fn view(pixels: &Pixels) -> Option<ArrayView3<'_, Self>> {
                match pixels { Pixels::$variant(a) => Some(a.view()), _ => None }
            }
            fn take(pixels: Pixels) -> Result<Array3<Self>, Pixels> {
                match pixels { Pixels::$variant(a) => Ok(a), other => Err(other) }
            }
        })*
    };
}

pixels! {
    U8(u8), U16(u16), U32(u32), U64(u64), I8(i8), I16(i16), I32(i32), I64(i64),
    F32(f32), F64(f64), Complex32(Complex<f32>), Complex64(Complex<f64>),
}

impl Pixels {
    /// The array, if samples are of type `T`.
    pub fn view<T: Sample>(&self) -> Option<ArrayView3<'_, T>> {
        T::view(self)
    }

    /// The array itself, if samples are of type `T`; else the pixels unchanged.
    pub fn into_array<T: Sample>(self) -> Result<Array3<T>, Pixels> {
        T::take(self)
    }
}

/// A type that samples can have.
pub trait Sample: Sized + PushLe {
    /// The array, if it holds this type.
    fn view(pixels: &Pixels) -> Option<ArrayView3<'_, Self>>;
    /// The array, if it holds this type.
    fn take(pixels: Pixels) -> Result<Array3<Self>, Pixels>;
}

/// A number as little-endian bytes.
pub trait PushLe {
    /// Appends the bytes.
    fn push_le(&self, bytes: &mut Vec<u8>);
}

macro_rules! push_le {
    ($($type:ty),*) => { $(impl PushLe for $type {
        fn push_le(&self, bytes: &mut Vec<u8>) { bytes.extend_from_slice(&self.to_le_bytes()); }
    })* };
}
push_le!(u8, u16, u32, u64, i8, i16, i32, i64, f32, f64);

impl<T: PushLe> PushLe for Complex<T> {
    fn push_le(&self, bytes: &mut Vec<u8>) {
        self.re.push_le(bytes);
        self.im.push_le(bytes);
    }
}

/// Pixels with everything that belongs to them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Raster {
    /// (band, row, column).
    pub pixels: Pixels,
    /// Which pixels hold data.
    pub validity: Validity,
    /// Which part of the level they were read from, in its pixels.
    pub window: Window,
    /// The level read; 0 is full resolution.
    pub level: usize,
    /// Numbers of the bands read, from 1.
    pub bands: Vec<usize>,
    /// From column and row of this raster to coordinates; `None` if the file has no transform.
    pub transform: Option<GeoTransform>,
    /// EPSG code of the CRS that the transform leads to, where the file names one.
    pub epsg: Option<u16>,
    /// The value of pixels without data.
    pub nodata: Option<Nodata>,
    /// Names of the bands read, where the file has them.
    pub band_names: Arc<[Option<String>]>,
    /// What the read cost.
    pub cost: ReadCost,
}

impl Raster {
    /// Bands, rows, columns.
    pub fn dim(&self) -> (usize, usize, usize) {
        self.pixels.dim()
    }

    /// Edges in the file's CRS: minx, miny, maxx, maxy; of a rotated raster those of the rectangle around it.
    pub fn bounds(&self) -> Option<Bounds> {
        let (_, h, w) = self.dim();
        let (w, h) = (u32::try_from(w).ok()?, u32::try_from(h).ok()?);
        let (minx, miny, maxx, maxy) = self.transform?.bounds(w, h);
        Some(Bounds { minx, miny, maxx, maxy })
    }

    /// 255 where any band holds data, else 0, as (row, column): rasterio's `dataset_mask()` > 0.
    pub fn mask(&self) -> Array2<u8> {
        let (_, h, w) = self.dim();
        self.validity.union(h, w)
    }

    /// 255 where band number `index` of this raster (from 0) holds data, else 0.
    pub fn band_mask(&self, index: usize) -> Option<Array2<u8>> {
        let (bands, h, w) = self.dim();
        (index < bands).then(|| self.validity.band(index, h, w))
    }
}

/// What a read cost.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ReadCost {
    /// From the first request for blocks until the last of them arrived; zero for local files, whose workers read.
    pub fetch: Duration,
    /// Time in codecs and placement, over all workers (of local files with reading).
    pub decode: Duration,
    /// Blocks decoded, masks included; not those that the file leaves out.
    pub blocks: u64,
    /// Blocks that the file leaves out.
    pub sparse: u64,
}
