//! The coefficients of a whole picture, for streams whose blocks come in more than one scan.
#![allow(unsafe_code)]

use crate::codecs::jpeg::layout::Layout;
use crate::codecs::jpeg::name::NAME;
use crate::codecs::jpeg::plane::Plane;
use crate::codecs::jpeg::sample::Sample;
use crate::codecs::jpeg::tables::{Quantisation, ZIGZAG};
use crate::cpu::Cpu;
use crate::error::{Error, Result};

/// Blocks in natural order of coefficients, a component after the other.
#[derive(Debug, Default)]
pub(super) struct Coefficients {
    blocks: [Vec<[i16; 64]>; 4],
    across: [usize; 4],
}

impl Coefficients {
    /// Makes room for so many rows of MCUs, all 0.
    pub(super) fn clear(&mut self, layout: &Layout, mcu_rows: usize) -> Result<()> {
        for ((component, blocks), across) in layout.components.iter().zip(&mut self.blocks).zip(&mut self.across) {
            *across = component.blocks_across;
            let count = mcu_rows * component.down * component.blocks_across;
            blocks.clear();
            let bytes = count.saturating_mul(size_of::<[i16; 64]>());
            blocks.try_reserve_exact(count).map_err(|_| Error::OutOfMemory { codec: NAME, bytes })?;
            blocks.resize(count, [0; 64]);
        }
        Ok(())
    }

    /// A block, or none below the rows that are kept.
    #[inline(always)]
    pub(super) fn block(&mut self, component: usize, column: usize, row: usize) -> Option<&mut [i16; 64]> {
        self.blocks.get_mut(component)?.get_mut(row * self.across.get(component)? + column)
    }

    /// Transforms one row of a component's MCUs.
    pub(super) fn mcu_row<S: Sample>(
        &self,
        cpu: Cpu,
        (component, down): (usize, usize),
        row: usize,
        factors: &Quantisation,
        plane: &mut Plane<S>,
    ) {
        let across = self.across.get(component).copied().unwrap_or(0);
        let blocks = self.blocks.get(component).and_then(|b| b.get(row * down * across..)).unwrap_or(&[]);
        let mut natural = [0; 64];
        for (&at, &factor) in ZIGZAG.iter().zip(factors).take(64) {
            if let Some(to) = natural.get_mut(usize::from(at)) {
                *to = factor;
            }
        }
        for (y, blocks) in blocks.chunks(across.max(1)).take(down).enumerate() {
            match cpu {
                Cpu::Baseline => transform(blocks, &natural, y, plane, S::transform),
                // SAFETY: this variant is made only after the processor was asked for AVX2.
                #[cfg(target_arch = "x86_64")]
                Cpu::Avx2 => unsafe { transform_avx2(blocks, &natural, y, plane) },
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn transform_avx2<S: Sample>(blocks: &[[i16; 64]], factors: &[i16; 64], row: usize, plane: &mut Plane<S>) {
    transform(blocks, factors, row, plane, |block, out, stride| {
        // SAFETY: this function has AVX2 itself.
        unsafe { S::transform_avx2(block, out, stride) }
    });
}

#[inline(always)]
fn transform<S: Sample>(
    blocks: &[[i16; 64]],
    factors: &[i16; 64],
    row: usize,
    plane: &mut Plane<S>,
    idct: impl Fn(&[i16; 64], &mut [S], usize),
) {
    for (column, block) in blocks.iter().enumerate() {
        let mut values = *block;
        for (value, factor) in values.iter_mut().zip(factors) {
            *value = value.wrapping_mul(*factor);
        }
        let stride = plane.stride;
        idct(&values, plane.block(column, row), stride);
    }
}
