//! The forward transform: the accurate integer DCT of libjpeg (Loeffler, Ligtenberg and Moschytz, with 13 bits of fraction), and
//! quantisation to the nearest step.

/// Steps of a table, ready to divide by.
#[derive(Debug, Clone)]
pub(super) struct Quantizer {
    /// Half a step, of coefficients that are eight times as large.
    halves: [[i32; 8]; 8],
    reciprocals: [[f32; 8]; 8],
}

/// One block, row by row.
type Block = [[i32; 8]; 8];

impl Quantizer {
    pub(super) fn new(table: &[u8; 64]) -> Self {
        let mut steps = [[0i32; 8]; 8];
        for (row, table) in steps.iter_mut().zip(table.as_chunks::<8>().0) {
            *row = table.map(|step| i32::from(step) * 8);
        }
        let halves = steps.map(|row| row.map(|step| step / 2));
        let reciprocals = steps.map(|row| row.map(|step| 1.0 / step as f32));
        Self { halves, reciprocals }
    }

    /// The quantised coefficients of eight rows of eight samples, `stride` bytes apart; row by row.
    #[inline(always)]
    pub(super) fn block(&self, samples: &[u8], stride: usize) -> [i16; 64] {
        let mut block = columns(samples, stride);
        pass::<false>(&mut block);
        block = transposed(&block);
        pass::<true>(&mut block);
        self.quantized(&block)
    }

    #[inline(always)]
    #[allow(clippy::indexing_slicing, reason = "places within arrays of eight")]
    fn quantized(&self, block: &Block) -> [i16; 64] {
        let mut out = [0i16; 64];
        for (y, out) in out.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            for x in 0..8 {
                let value = block[y][x];
                // What is divided lies half-way between whole numbers, and at most 2^17 away from 0: the product is never so far off that
                // it would be cut to another number than the quotient. Half less, it is rounded to it.
                let whole = (value.abs() + self.halves[y][x]) as f32 + 0.5;
                let steps = rounded(whole * self.reciprocals[y][x] - 0.5);
                out[x] = if value < 0 { -steps } else { steps } as i16;
            }
        }
        out
    }
}

/// The nearest whole number of one from 0 to 2^22: where 1 is the last bit of the fraction, it stands in the fraction. Unlike a cast, it has
/// no special cases, so that vectors can do it.
#[inline(always)]
fn rounded(value: f32) -> i32 {
    const ONE_IS_LAST: f32 = (1 << 23) as f32;
    (value + ONE_IS_LAST).to_bits().wrapping_sub(ONE_IS_LAST.to_bits()) as i32
}

/// The samples around 0, column by column.
#[inline(always)]
#[allow(clippy::indexing_slicing, clippy::needless_range_loop, reason = "places within arrays of eight")]
fn columns(samples: &[u8], stride: usize) -> Block {
    let mut block = [[0; 8]; 8];
    for y in 0..8 {
        let Some(row) = samples.get(y * stride..).and_then(|row| row.first_chunk::<8>()) else { break };
        for x in 0..8 {
            block[x][y] = i32::from(row[x]) - 128;
        }
    }
    block
}

#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "places within arrays of eight")]
fn transposed(block: &Block) -> Block {
    let mut out = [[0; 8]; 8];
    for y in 0..8 {
        for x in 0..8 {
            out[x][y] = block[y][x];
        }
    }
    out
}

const FRACTION: u32 = 13;

const fn fixed(factor: f64) -> i32 {
    (factor * (1 << FRACTION) as f64 + 0.5) as i32
}

/// One dimension of eight transforms side by side. The first pass leaves two bits of fraction, the second takes them away; both together
/// leave coefficients eight times too large.
#[inline(always)]
#[allow(clippy::indexing_slicing, clippy::needless_range_loop, reason = "places within arrays of eight")]
fn pass<const SECOND: bool>(block: &mut Block) {
    const EXTRA: u32 = 2;
    let shift = if SECOND { FRACTION + EXTRA } else { FRACTION - EXTRA };
    let descale = |value: i32| (value + (1 << (shift - 1))) >> shift;
    let even = |value: i32| if SECOND { (value + (1 << (EXTRA - 1))) >> EXTRA } else { value << EXTRA };
    for i in 0..8 {
        let d = |k: usize| block[k][i];
        let (s0, s1, s2, s3) = (d(0) + d(7), d(1) + d(6), d(2) + d(5), d(3) + d(4));
        let (d0, d1, d2, d3) = (d(0) - d(7), d(1) - d(6), d(2) - d(5), d(3) - d(4));
        let (a, b, c, e) = (s0 + s3, s1 + s2, s1 - s2, s0 - s3);
        block[0][i] = even(a + b);
        block[4][i] = even(a - b);
        let z = (c + e) * fixed(0.541_196_100);
        block[2][i] = descale(z + e * fixed(0.765_366_865));
        block[6][i] = descale(z - c * fixed(1.847_759_065));
        let z5 = (d3 + d1 + d2 + d0) * fixed(1.175_875_602);
        let z1 = -(d3 + d0) * fixed(0.899_976_223);
        let z2 = -(d2 + d1) * fixed(2.562_915_447);
        let z3 = z5 - (d3 + d1) * fixed(1.961_570_560);
        let z4 = z5 - (d2 + d0) * fixed(0.390_180_644);
        block[7][i] = descale(d3 * fixed(0.298_631_336) + z1 + z3);
        block[5][i] = descale(d2 * fixed(2.053_119_869) + z2 + z4);
        block[3][i] = descale(d1 * fixed(3.072_711_026) + z2 + z3);
        block[1][i] = descale(d0 * fixed(1.501_321_110) + z1 + z4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition of T.81, A.3.3.
    fn by_definition(samples: &[u8; 64]) -> [[f64; 8]; 8] {
        let scale = |k: usize| if k == 0 { 0.5f64.sqrt() } else { 1.0 };
        let wave = |x: usize, u: usize| ((2 * x + 1) as f64 * u as f64 * std::f64::consts::PI / 16.0).cos();
        let mut out = [[0.0; 8]; 8];
        for (v, row) in out.iter_mut().enumerate() {
            for (u, to) in row.iter_mut().enumerate() {
                let terms = (0..64).map(|i| (f64::from(samples[i]) - 128.0) * wave(i % 8, u) * wave(i / 8, v));
                *to = scale(u) * scale(v) / 4.0 * terms.sum::<f64>();
            }
        }
        out
    }

    proptest! {
        #[test]
        fn coefficients_are_the_nearest_steps(samples in prop::collection::vec(any::<u8>(), 64), step in 1u8..=255) {
            let samples: [u8; 64] = samples.try_into().unwrap();
            let got = Quantizer::new(&[step; 64]).block(&samples, 8);
            for (i, want) in by_definition(&samples).as_flattened().iter().enumerate() {
                let want = want / f64::from(step);
                prop_assert!((f64::from(got[i]) - want).abs() < 0.5 + 0.3 / f64::from(step), "{i}: {} {want}", got[i]);
            }
        }
    }

    #[test]
    fn division_is_exact() {
        for step in 1..=255u8 {
            let quantizer = Quantizer::new(&[step; 64]);
            for value in -17_000i32..17_000 {
                let mut block = [[0; 8]; 8];
                block[0][0] = value;
                let steps = i32::from(step) * 8;
                let want = value.signum() * ((value.abs() + steps / 2) / steps);
                if value % 97 == 0 || (value.abs() + steps / 2) % steps < 2 {
                    assert_eq!(i32::from(quantizer.quantized(&block)[0]), want, "{value} / {steps}");
                }
            }
        }
    }
}
