//! Compression 7: baseline JPEG (ITU-T T.81), as libtiff writes it for GDAL.
//!
//! Quantisation tables stand in tag 347, once for all blocks. Huffman tables are made for each block and stand in it, which saves some
//! per cent. Coefficients are those of libjpeg's default: its colour conversion, its "slow" integer DCT, its tables by quality.

mod bits;
mod colors;
mod dct;
mod huffman;
mod quality;
mod tokens;

use crate::cpu::{Cpu, compiled_twice};
use crate::encode::bands::BandSlices;
use crate::encode::encoding::JpegColors;
use crate::encode::shape::BlockShape;
use crate::error::{Error, Result};
use bits::BitWriter;
use colors::to_ycbcr;
use dct::Quantizer;
use tokens::Tokens;

const NAME: &str = "JPEG";

/// What two tables of Huffman codes are for: luma or all components, and chroma.
const MOST_TABLES: usize = 2;

#[derive(Debug)]
pub(in crate::encode) struct Jpeg {
    cpu: Cpu,
    colors: JpegColors,
    shape: BlockShape,
    components: Vec<Component>,
    /// Pixels of a minimum coded unit, each way.
    unit: usize,
    quantizers: Vec<Quantizer>,
    /// What belongs into tag 347.
    tables: Vec<u8>,
    /// Samples of the rows of one row of units.
    planes: Vec<Plane>,
    tokens: Tokens,
    /// Rows of chroma at full resolution, and rows that are padded.
    scratch: [Vec<u8>; 7],
}

/// One component of the picture.
#[derive(Debug)]
struct Component {
    id: u8,
    /// Blocks of a minimum coded unit, each way.
    blocks: u8,
    /// Of quantisation and Huffman codes.
    table: u8,
}

/// Samples of a component, of one row of units.
#[derive(Debug, Default)]
struct Plane {
    stride: usize,
    samples: Vec<u8>,
}

impl Jpeg {
    /// `quality` and `shape` as checked: 8 bits, up to 4 bands, 3 where colours are converted, sides within 16 bits.
    pub(in crate::encode) fn new(quality: u8, colors: JpegColors, shape: &BlockShape) -> Self {
        let one = |id| Component { id, blocks: 1, table: 0 };
        let components = match (colors, shape.samples) {
            (JpegColors::YCbCr, _) => vec![
                Component { id: 1, blocks: 2, table: 0 },
                Component { id: 2, blocks: 1, table: 1 },
                Component { id: 3, blocks: 1, table: 1 },
            ],
            (_, 1) => vec![one(1)],
            (_, 3) => b"RGB".iter().map(|&id| one(id)).collect(),
            (_, bands) => (0..bands).map(|id| one(id as u8)).collect(),
        };
        let unit = if colors == JpegColors::YCbCr { 16 } else { 8 };
        let across = (shape.width as usize).next_multiple_of(unit);
        let planes = components.iter().map(|component| {
            let (stride, rows) = match component.blocks {
                2 => (across, 16),
                _ => (across / (unit / 8), 8),
            };
            Plane { stride, samples: vec![0; stride * rows] }
        });
        let count = usize::from(components.iter().map(|c| c.table).max().unwrap_or(0)) + 1;
        let tables = [quality::luminance(quality), quality::chrominance(quality)];
        Self {
            cpu: Cpu::detect(),
            colors,
            shape: *shape,
            unit,
            quantizers: tables.iter().take(count).map(Quantizer::new).collect(),
            tables: quality::marked(tables.get(..count).unwrap_or_default()),
            planes: planes.collect(),
            components,
            tokens: Tokens::default(),
            scratch: Default::default(),
        }
    }

    /// Tag 347.
    pub(in crate::encode) fn tables(&self) -> &[u8] {
        &self.tables
    }

    pub(in crate::encode) fn compress(&mut self, source: &BandSlices<'_>, out: &mut Vec<u8>) -> Result<()> {
        self.tokens.clear();
        let mut previous = [0; 4];
        for top in (0..self.shape.height as usize).step_by(self.unit) {
            self.fill_planes(source, top);
            let Self { cpu, planes, components, quantizers, tokens, .. } = self;
            row_of_units(*cpu, planes, components, quantizers, tokens, &mut previous);
        }
        self.write(out)
    }

    /// The samples of the units whose uppermost row is `top`, the last column and row of the source repeated.
    fn fill_planes(&mut self, source: &BandSlices<'_>, top: usize) {
        let row = |band: usize, y: usize| {
            let y = (top + y).min(source.height - 1);
            source.bands.get(band).map(|band| source.row(&self.shape, band, y)).unwrap_or_default()
        };
        match (&mut *self.planes, self.colors) {
            ([luma, blue, red], JpegColors::YCbCr) => {
                for pair in 0..8 {
                    let rows = |band| [row(band, 2 * pair), row(band, 2 * pair + 1)];
                    let stride = luma.stride;
                    let luma = luma.samples.get_mut(2 * pair * stride..2 * (pair + 1) * stride).unwrap_or_default();
                    let half = pair * blue.stride..(pair + 1) * blue.stride;
                    let blue = blue.samples.get_mut(half.clone()).unwrap_or_default();
                    let red = red.samples.get_mut(half).unwrap_or_default();
                    to_ycbcr(self.cpu, [rows(0), rows(1), rows(2)], luma, blue, red, &mut self.scratch);
                }
            }
            (planes, _) => {
                for (band, plane) in planes.iter_mut().enumerate() {
                    for (y, to) in plane.samples.chunks_exact_mut(plane.stride).enumerate() {
                        padded_into(row(band, y), to);
                    }
                }
            }
        }
    }

    /// Headers, Huffman codes and the coded data.
    fn write(&mut self, out: &mut Vec<u8>) -> Result<()> {
        out.extend([0xff, 0xd8]);
        let count = self.components.len() as u8;
        let BlockShape { width, height, .. } = self.shape;
        out.extend([0xff, 0xc0, 0, 8 + 3 * count, 8]);
        out.extend((height as u16).to_be_bytes());
        out.extend((width as u16).to_be_bytes());
        out.push(count);
        for Component { id, blocks, table } in &self.components {
            out.extend([*id, blocks << 4 | blocks, *table]);
        }
        let codes = self.tokens.codes();
        for code in codes.iter().take(2 * self.quantizers.len()) {
            code.write(out);
        }
        out.extend([0xff, 0xda, 0, 6 + 2 * count, count]);
        for Component { id, table, .. } in &self.components {
            out.extend([*id, table << 4 | table]);
        }
        out.extend([0, 63, 0]);
        let bound = self.tokens.bound();
        out.try_reserve(bound).map_err(|_| Error::OutOfMemory { codec: NAME, bytes: bound })?;
        let mut writer = BitWriter::new(out);
        self.tokens.write(&codes, &mut writer);
        writer.finish();
        out.extend([0xff, 0xd9]);
        Ok(())
    }
}

/// `row` and its last byte again and again.
#[inline(always)]
fn padded_into(row: &[u8], to: &mut [u8]) {
    let (there, padding) = to.split_at_mut(row.len().min(to.len()));
    there.iter_mut().zip(row).for_each(|(to, from)| *to = *from);
    padding.fill(row.last().copied().unwrap_or(0));
}

compiled_twice! {
    /// Transforms and quantises all blocks of a row of units, in the order of the coded data.
    fn row_of_units(
        cpu, planes: &[Plane], components: &[Component], quantizers: &[Quantizer], tokens: &mut Tokens, previous: &mut [i32; 4],
    ) = units
}

#[inline(always)]
fn units(
    planes: &[Plane],
    components: &[Component],
    quantizers: &[Quantizer],
    tokens: &mut Tokens,
    previous: &mut [i32; 4],
) {
    let Some((first, plane)) = components.first().zip(planes.first()) else { return };
    let units = plane.stride / (8 * usize::from(first.blocks));
    for unit in 0..units {
        for ((component, plane), previous) in components.iter().zip(planes).zip(&mut *previous) {
            let blocks = usize::from(component.blocks);
            let Some(quantizer) = quantizers.get(usize::from(component.table)) else { return };
            for y in 0..blocks {
                for x in 0..blocks {
                    let at = y * 8 * plane.stride + (unit * blocks + x) * 8;
                    let samples = plane.samples.get(at..).unwrap_or_default();
                    let coefficients = quantizer.block(samples, plane.stride);
                    tokens.block(&coefficients, previous, component.table);
                }
            }
        }
    }
}
