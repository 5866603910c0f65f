//! Scans of sequential streams (T.81 F.2): one MCU row from bits to samples.
#![allow(unsafe_code)]
#![allow(clippy::indexing_slicing, reason = "zigzag tables reach as far as a run can lead")]

use crate::codecs::jpeg::bit_reader::BitReader;
use crate::codecs::jpeg::huffman::Huffman;
use crate::codecs::jpeg::idct;
use crate::codecs::jpeg::name::NAME;
use crate::codecs::jpeg::plane::Plane;
use crate::codecs::jpeg::restart::Restart;
use crate::codecs::jpeg::sample::Sample;
use crate::codecs::jpeg::tables::{Quantisation, ZIGZAG};
use crate::cpu::Cpu;
use crate::error::{Error, Result};

/// One component of a scan with what its blocks need.
pub(super) struct Coded<'a, S> {
    pub(super) across: usize,
    pub(super) down: usize,
    pub(super) dc: &'a Huffman,
    pub(super) ac: &'a Huffman,
    pub(super) quantisation: &'a Quantisation,
    pub(super) plane: &'a mut Plane<S>,
    /// DC of the block before.
    pub(super) predicted: i32,
}

/// Decodes one row of MCUs into the planes.
pub(super) fn mcu_row<S: Sample>(
    cpu: Cpu,
    reader: &mut BitReader<'_>,
    restart: &mut Restart,
    coded: &mut [Coded<'_, S>],
    mcus: usize,
) -> Result<()> {
    match cpu {
        Cpu::Baseline => mcu_row_with(reader, restart, coded, mcus, S::transform),
        // SAFETY: this variant is made only after the processor was asked for all four features.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2 => unsafe { mcu_row_avx2(reader, restart, coded, mcus) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn mcu_row_avx2<S: Sample>(
    reader: &mut BitReader<'_>,
    restart: &mut Restart,
    coded: &mut [Coded<'_, S>],
    mcus: usize,
) -> Result<()> {
    mcu_row_with(reader, restart, coded, mcus, |block, out, stride| {
        // SAFETY: this function has AVX2 itself.
        unsafe { S::transform_avx2(block, out, stride) }
    })
}

#[inline(always)]
fn mcu_row_with<S: Sample>(
    reader: &mut BitReader<'_>,
    restart: &mut Restart,
    coded: &mut [Coded<'_, S>],
    mcus: usize,
    transform: impl Fn(&[i16; 64], &mut [S], usize),
) -> Result<()> {
    // A copy the compiler can hold in registers.
    let mut bits = *reader;
    for mcu in 0..mcus {
        if restart.is_due() {
            restart.pass(&mut bits)?;
            coded.iter_mut().for_each(|c| c.predicted = 0);
        }
        for c in coded.iter_mut() {
            for row in 0..c.down {
                for column in 0..c.across {
                    let mut coefficients = [0; 64];
                    let last = block(&mut bits, c.dc, c.ac, c.quantisation, &mut c.predicted, &mut coefficients);
                    let stride = c.plane.stride;
                    let out = c.plane.block(mcu * c.across + column, row);
                    if last == 0 {
                        idct::flat(coefficients[0], out, stride);
                    } else {
                        transform(&coefficients, out, stride);
                    }
                }
            }
        }
    }
    *reader = bits;
    if reader.overrun() { Err(Error::corrupt(NAME, "the stream ends too early")) } else { Ok(()) }
}

/// Reads one block (T.81 F.2.2), multiplied with its factors; 0 if there is nothing but the first coefficient.
#[inline(always)]
pub(super) fn block(
    bits: &mut BitReader<'_>,
    dc: &Huffman,
    ac: &Huffman,
    quantisation: &Quantisation,
    predicted: &mut i32,
    out: &mut [i16; 64],
) -> usize {
    bits.fill();
    let size = dc.symbol(bits);
    *predicted = predicted.wrapping_add(bits.signed(u32::from(size)));
    out[0] = (*predicted as i16).wrapping_mul(quantisation[0]);
    let (mut k, mut last) = (1, 0);
    while k < 64 {
        bits.fill();
        let whole = ac.coefficient(bits);
        let value = if whole.len() != 0 {
            bits.skip(whole.len());
            k += whole.run();
            whole.value()
        } else {
            let symbol = ac.symbol(bits);
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 {
                if run != 15 {
                    break;
                }
                k += 16;
                continue;
            }
            k += run;
            bits.signed(size) as i16
        };
        out[usize::from(ZIGZAG[k]) & 63] = value.wrapping_mul(quantisation[k]);
        last = k;
        k += 1;
    }
    last
}
