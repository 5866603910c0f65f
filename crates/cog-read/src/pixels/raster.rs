//! What a read returns.

use std::sync::Arc;
use std::time::Duration;

use cog_tiff::{GeoTransform, Nodata, SampleType};
use ndarray::{Array2, Array3, ArrayView3};
use num_complex::Complex;

use crate::geometry::bounds::Bounds;
use crate::geometry::window::Window;
use crate::pixels::validity::Validity;

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

            /// Copies one sample (band, row, column) of pixels of the same type; of others, nothing.
            pub(crate) fn copy_sample(&mut self, to: (usize, usize, usize), from: &Pixels, at: (usize, usize, usize)) {
                match (self, from) {
                    $((Pixels::$variant(out), Pixels::$variant(a)) => {
                        if let Some((out, v)) = out.get_mut(to).zip(a.get(at)) {
                            *out = *v;
                        }
                    })*
                    _ => {}
                }
            }

            /// Copies a rectangle of all bands to (row, column) of this array, as far as it reaches.
            pub(crate) fn copy_rectangle(&mut self, row: usize, column: usize, from: &Pixels) {
                match (self, from) {
                    $((Pixels::$variant(out), Pixels::$variant(a)) => {
                        let (_, h, w) = a.dim();
                        if row + h <= out.dim().1 && column + w <= out.dim().2 {
                            out.slice_mut(ndarray::s![.., row..row + h, column..column + w]).assign(a);
                        }
                    })*
                    _ => {}
                }
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

        impl Pixels {
            /// An array of one value, given as a sample's bytes in this machine's order; zeros without. `None` if the
            /// memory cannot be had.
            pub(crate) fn filled(sample_type: SampleType, shape: (usize, usize, usize), value: Option<Vec<u8>>) -> Option<Pixels> {
                match sample_type {
                    $(SampleType::$variant => {
                        let value = match &value {
                            Some(bytes) => <$type>::from_native(bytes)?,
                            None => <$type>::default(),
                        };
                        let len = shape.0.checked_mul(shape.1)?.checked_mul(shape.2)?;
                        let mut samples: Vec<$type> = Vec::new();
                        samples.try_reserve_exact(len).ok()?;
                        samples.resize(len, value);
                        Array3::from_shape_vec(shape, samples).ok().map(Pixels::$variant)
                    })*
                    _ => None,
                }
            }
        }

        $(impl From<Array3<$type>> for Pixels {
            fn from(a: Array3<$type>) -> Self { Pixels::$variant(a) }
        }

        impl<'a> TryFrom<&'a Pixels> for &'a Array3<$type> {
            type Error = ();
            fn try_from(pixels: &'a Pixels) -> Result<Self, ()> {
                match pixels { Pixels::$variant(a) => Ok(a), _ => Err(()) }
            }
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

macro_rules! real {
    ($($variant:ident),*) => {
        impl Pixels {
            /// All samples as `f64`; of complex ones the real part. 64-bit integers beyond 2^53 are rounded.
            pub fn to_f64(&self) -> Array3<f64> {
                match self {
                    $(Pixels::$variant(a) => a.mapv(|v| v as f64),)*
                    Pixels::Complex32(a) => a.mapv(|v| f64::from(v.re)),
                    Pixels::Complex64(a) => a.mapv(|v| v.re),
                }
            }

            /// One sample (band, row, column) as `f64`; `None` for a complex one.
            pub(crate) fn real(&self, at: (usize, usize, usize)) -> Option<f64> {
                match self {
                    $(Pixels::$variant(a) => a.get(at).map(|v| *v as f64),)*
                    _ => None,
                }
            }
        }
    };
}
real!(U8, U16, U32, U64, I8, I16, I32, I64, F32, F64);

impl Pixels {
    /// Complex samples as whole numbers, halves away from zero; others as they are.
    pub(crate) fn rounded(self) -> Pixels {
        match self {
            Pixels::Complex32(a) => Pixels::Complex32(a.mapv_into(|v| Complex::new(v.re.round(), v.im.round()))),
            Pixels::Complex64(a) => Pixels::Complex64(a.mapv_into(|v| Complex::new(v.re.round(), v.im.round()))),
            other => other,
        }
    }

    /// One complex sample as real and imaginary part.
    pub(crate) fn complex(&self, at: (usize, usize, usize)) -> Option<(f64, f64)> {
        match self {
            Pixels::Complex32(a) => a.get(at).map(|v| (f64::from(v.re), f64::from(v.im))),
            Pixels::Complex64(a) => a.get(at).map(|v| (v.re, v.im)),
            _ => None,
        }
    }
}

/// From the bytes of one sample in this machine's order.
pub(crate) trait FromNative: Sized {
    fn from_native(bytes: &[u8]) -> Option<Self>;
}

macro_rules! from_native {
    ($($type:ty),*) => { $(impl FromNative for $type {
        fn from_native(bytes: &[u8]) -> Option<Self> { Some(Self::from_ne_bytes(bytes.try_into().ok()?)) }
    })* };
}
from_native!(u8, u16, u32, u64, i8, i16, i32, i64, f32, f64);

impl<T: FromNative> FromNative for Complex<T> {
    fn from_native(bytes: &[u8]) -> Option<Self> {
        let (re, im) = bytes.split_at_checked(bytes.len() / 2)?;
        Some(Complex { re: T::from_native(re)?, im: T::from_native(im)? })
    }
}

mod sealed {
    /// Only the types of [`Pixels`](super::Pixels) are samples.
    pub trait Sealed {}
}

macro_rules! seal {
    ($($type:ty),*) => { $(impl sealed::Sealed for $type {})* };
}
seal!(u8, u16, u32, u64, i8, i16, i32, i64, f32, f64);

impl<T: sealed::Sealed> sealed::Sealed for Complex<T> {}

/// A type that samples can have.
pub trait Sample: Sized + PushLe + sealed::Sealed {
    /// The array, if it holds this type.
    fn view(pixels: &Pixels) -> Option<ArrayView3<'_, Self>>;
    /// The array, if it holds this type.
    fn take(pixels: Pixels) -> Result<Array3<Self>, Pixels>;
}

/// A number as little-endian bytes.
pub trait PushLe: sealed::Sealed {
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
