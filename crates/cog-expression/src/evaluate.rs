//! Steps over pixels: a chunk of them at a time, so that what lies between two steps stays in the processor's cache.

mod band;
mod chunk;
mod load;
mod vector;

use std::thread;

use cog_raster::canvas::zeros;
use cog_raster::ndarray::{Array2, Array3};
use cog_raster::{Nodata, Pixels, Raster, Validity};

use crate::error::{Error, Result};
use crate::program::{Action, Operand, Part, Program};
use chunk::{CHUNK, Chunk, Side};
use load::Source;

pub use band::Band;

/// What expressions come to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evaluated {
    /// (expression, row, column), NaN where there is no valid result.
    pub samples: Array3<f32>,
    /// Where the results are valid: of one expression [`Validity::Shared`], of several [`Validity::PerBand`], or all of them.
    pub validity: Validity,
}

/// Pixels of each part of the output that a thread makes, at least.
const PART: usize = 1 << 16;

impl Program {
    /// Evaluates over bands: those of [`Program::bands`], in that order, each of any type.
    ///
    /// ```
    /// use cog_expression::{Band, BandNames, Expression};
    /// use cog_raster::Pixels;
    /// use cog_raster::ndarray::{arr2, arr3};
    ///
    /// let program = Expression::parse("(nir-red)/(nir+red)")?.bind(&BandNames::new([("red", 0), ("nir", 1)]))?;
    /// let red = Pixels::from(arr3(&[[[1u8, 0, 3]]]));
    /// let nir = Pixels::from(arr3(&[[[3.0f32, 0.0, 5.0]]]));
    /// let mask = arr2(&[[255, 255, 0]]);
    /// let found = program.evaluate(&[Band::new(&red, 0), Band::new(&nir, 0).mask(mask.view())])?;
    /// assert_eq!(found.samples[[0, 0, 0]], 0.5);
    /// assert_eq!(found.validity.band(0, 1, 3), arr2(&[[255, 0, 0]])); // 0 / 0, and an input without data
    /// # Ok::<(), cog_expression::Error>(())
    /// ```
    ///
    /// # Errors
    /// Another number of bands, bands or masks of different sizes, complex samples outside of `real`, `imag` and `abs`, and too little memory.
    pub fn evaluate(&self, bands: &[Band<'_>]) -> Result<Evaluated> {
        let (rows, columns) = self.check(bands)?;
        let count = self.results.len();
        let pixels = rows.checked_mul(columns).filter(|pixels| pixels.checked_mul(count).is_some());
        let pixels = pixels.ok_or(Error::OutOfMemory { bytes: u64::MAX })?;
        let sources: Vec<Source<'_>> = bands.iter().map(Source::of).collect();
        let refused = || Error::OutOfMemory { bytes: (pixels as u64).saturating_mul(count as u64).saturating_mul(5) };
        let mut samples: Vec<f32> = zeros(pixels * count).ok_or_else(refused)?;
        let mut masks: Vec<u8> = zeros(pixels * count).ok_or_else(refused)?;

        let part = pixels.div_ceil(self.threads).next_multiple_of(CHUNK).max(PART);
        let mut parts: Vec<Vec<Output<'_>>> = (0..pixels.div_ceil(part)).map(|_| Vec::new()).collect();
        if pixels > 0 {
            for (samples, masks) in samples.chunks_mut(pixels).zip(masks.chunks_mut(pixels)) {
                for ((parts, samples), mask) in
                    parts.iter_mut().zip(samples.chunks_mut(part)).zip(masks.chunks_mut(part))
                {
                    parts.push(Output { samples, mask, masked: false });
                }
            }
        }
        let work = |(index, outputs): (usize, &mut Vec<Output<'_>>)| self.work(&sources, index * part, outputs);
        match parts.as_mut_slice() {
            [only] => work((0, only)),
            many => thread::scope(|scope| {
                for numbered in many.iter_mut().enumerate() {
                    scope.spawn(move || work(numbered));
                }
            }),
        }
        let masked = parts.iter().flatten().any(|output| output.masked);
        if masked {
            // Parts in which all is valid have not been told so.
            let valid = parts.iter_mut().flatten().filter(|output| !output.masked);
            valid.for_each(|output| output.mask.fill(255));
        }
        drop(parts);
        let odd = |_| Error::OutOfMemory { bytes: u64::MAX };
        let validity = match (masked, count) {
            (false, _) => Validity::AllValid,
            (true, 1) => Validity::Shared(Array2::from_shape_vec((rows, columns), masks).map_err(odd)?),
            (true, _) => Validity::PerBand(Array3::from_shape_vec((count, rows, columns), masks).map_err(odd)?),
        };
        Ok(Evaluated { samples: Array3::from_shape_vec((count, rows, columns), samples).map_err(odd)?, validity })
    }

    /// Evaluates over a raster that holds the bands of [`Program::bands`], in that order. The result lies where the raster does; its bands are
    /// numbered from 1 and have the texts of the expressions for names, and its nodata is NaN.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate).
    pub fn apply(&self, raster: &Raster) -> Result<Raster> {
        let bands: Vec<Band<'_>> = (0..raster.dim().0).map(|band| Band::of(raster, band)).collect();
        let Evaluated { samples, validity } = self.evaluate(&bands)?;
        let mut result = Raster::new(Pixels::F32(samples), validity);
        result.window = raster.window;
        result.level = raster.level;
        result.transform = raster.transform;
        result.epsg = raster.epsg;
        result.nodata = Some(Nodata::Float(f64::NAN));
        result.band_names = self.texts.iter().cloned().map(Some).collect();
        Ok(result)
    }

    /// Rows and columns of the bands.
    fn check(&self, bands: &[Band<'_>]) -> Result<(usize, usize)> {
        if bands.len() != self.bands().len() {
            return Err(Error::BandCount { needed: self.bands().len(), given: bands.len() });
        }
        let expected = bands.first().and_then(Band::dim).unwrap_or_default();
        for (index, band) in bands.iter().enumerate() {
            let sizes = [band.dim(), band.mask_dim()];
            let odd = sizes.into_iter().flatten().find(|size| *size != expected);
            if let Some((rows, columns)) = odd.or(band.dim().is_none().then_some((0, 0))) {
                let (expected_rows, expected_columns) = expected;
                return Err(Error::Shape { band: index, rows, columns, expected_rows, expected_columns });
            }
        }
        for step in &self.steps {
            if let Action::Load(index, Part::Value) = step.action
                && bands.get(index).is_some_and(Band::is_complex)
            {
                return Err(Error::Complex { name: self.names.get(index).cloned().unwrap_or_default() });
            }
        }
        Ok(expected)
    }

    /// Makes a part of the output, which begins at this pixel.
    fn work(&self, sources: &[Source<'_>], first: usize, outputs: &mut [Output<'_>]) {
        let mut registers: Vec<Option<Box<Chunk>>> = (0..self.registers).map(|_| Some(chunk::new())).collect();
        let pixels = outputs.first().map_or(0, |output| output.samples.len());
        for at in (0..pixels).step_by(CHUNK) {
            let length = CHUNK.min(pixels - at);
            for step in &self.steps {
                // Out of the list while it is written, as the others are read.
                let Some(mut to) = registers.get_mut(step.to).and_then(Option::take) else { continue };
                let register = |index: usize| registers.get(index).and_then(Option::as_deref);
                let side = |operand: Operand| match operand {
                    Operand::Constant(number) => Some(Side::Constant(number)),
                    Operand::Register(index) => register(index).map(Side::Chunk),
                };
                match step.action {
                    Action::Load(index, part) => {
                        if let (Some(source), Some(to)) = (sources.get(index), to.get_mut(..length)) {
                            source.load(first + at, part, to);
                        }
                    }
                    Action::Unary(operation, a) => {
                        if let Some(a) = register(a) {
                            chunk::unary(operation, a, &mut to);
                        }
                    }
                    Action::Binary(operation, a, b) => {
                        if let (Some(a), Some(b)) = (side(a), side(b)) {
                            chunk::binary(operation, a, b, &mut to);
                        }
                    }
                    Action::Select(condition, yes, no) => {
                        if let (Some(condition), Some(yes), Some(no)) = (register(condition), side(yes), side(no)) {
                            chunk::select(condition, yes, no, &mut to);
                        }
                    }
                }
                if let Some(place) = registers.get_mut(step.to) {
                    *place = Some(to);
                }
            }
            for (output, result) in outputs.iter_mut().zip(&self.results) {
                match *result {
                    Operand::Constant(number) => output.put(at, length, Side::Constant(number)),
                    Operand::Register(index) => {
                        if let Some(values) = registers.get(index).and_then(Option::as_deref) {
                            output.put(at, length, Side::Chunk(values));
                        }
                    }
                }
            }
        }
    }
}

/// A part of the results of one expression.
struct Output<'a> {
    samples: &'a mut [f32],
    mask: &'a mut [u8],
    /// Whether the mask is written: from the first pixel on that is not valid.
    masked: bool,
}

impl Output<'_> {
    fn put(&mut self, at: usize, length: usize, values: Side<'_>) {
        let Some(samples) = self.samples.get_mut(at..at + length) else { return };
        let all_valid = chunk::store(values, samples);
        if all_valid && !self.masked {
            return;
        }
        if !self.masked {
            self.masked = true;
            self.mask.fill(255);
        }
        if let Some(mask) = self.mask.get_mut(at..at + length) {
            chunk::mask(samples, mask);
        }
    }
}
