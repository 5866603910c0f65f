//! YCbCr to RGB with the tables of tags 529 (coefficients) and 532 (reference black and white), in the fixed-point
//! arithmetic of libtiff, so that results are the same to the bit.

const SHIFT: i32 = 16;
const HALF: i32 = 1 << (SHIFT - 1);

/// One entry for each value of a sample.
#[derive(Debug, Clone)]
pub(super) struct YCbCr {
    luma: [i32; 256],
    red_of_cr: [i32; 256],
    blue_of_cb: [i32; 256],
    /// Not yet shifted: both greens are summed first.
    green_of_cr: [i32; 256],
    green_of_cb: [i32; 256],
}

impl YCbCr {
    pub(super) fn new([red, green, blue]: [f32; 3], reference: [f32; 6]) -> Self {
        let factor = |value: f32| (f64::from(clamp(value, 0.0, 2.0)) * 65536.0 + 0.5) as i32;
        let cr_red = 2.0 - 2.0 * red;
        let cb_blue = 2.0 - 2.0 * blue;
        let d1 = factor(cr_red);
        let d2 = -factor(red * cr_red / green);
        let d3 = factor(cb_blue);
        let d4 = -factor(blue * cb_blue / green);
        let mut tables = Self {
            luma: [0; 256],
            red_of_cr: [0; 256],
            blue_of_cb: [0; 256],
            green_of_cr: [0; 256],
            green_of_cb: [0; 256],
        };
        let [y0, y1, cb0, cb1, cr0, cr1] = reference;
        let chroma = tables
            .red_of_cr
            .iter_mut()
            .zip(&mut tables.blue_of_cb)
            .zip(tables.green_of_cr.iter_mut().zip(&mut tables.green_of_cb));
        for ((x, ((red, blue), (green_cr, green_cb))), luma) in (-128..).zip(chroma).zip(&mut tables.luma) {
            let cr = scaled(x, cr0 - 128.0, cr1 - 128.0, 127.0);
            let cb = scaled(x, cb0 - 128.0, cb1 - 128.0, 127.0);
            *red = (d1 * cr + HALF) >> SHIFT;
            *blue = (d3 * cb + HALF) >> SHIFT;
            *green_cr = d2 * cr;
            *green_cb = d4 * cb + HALF;
            *luma = scaled(x + 128, y0, y1, 255.0);
        }
        tables
    }

    #[inline]
    #[allow(clippy::indexing_slicing, reason = "a byte indexes 256 entries")]
    pub(super) fn rgb(&self, y: u8, cb: u8, cr: u8) -> [u8; 3] {
        let (y, cb, cr) = (self.luma[usize::from(y)], usize::from(cb), usize::from(cr));
        let green = (self.green_of_cb[cb] + self.green_of_cr[cr]) >> SHIFT;
        [y + self.red_of_cr[cr], y + green, y + self.blue_of_cb[cb]].map(|v| v.clamp(0, 255) as u8)
    }
}

/// A code value between reference black and white, on a scale up to `top`; libtiff's bounds keep sums small.
fn scaled(code: i32, black: f32, white: f32, top: f32) -> i32 {
    let range = if white - black == 0.0 { 1.0 } else { white - black };
    let value = code.wrapping_sub(black as i32) as f32 * top / range;
    clamp(value, -128.0 * 32.0, 128.0 * 32.0) as i32
}

/// NaN becomes `low`.
fn clamp(value: f32, low: f32, high: f32) -> f32 {
    if value >= low { value.min(high) } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_range_follows_ccir_601() {
        let table = YCbCr::new([0.299, 0.587, 0.114], [0.0, 255.0, 128.0, 255.0, 128.0, 255.0]);
        assert_eq!(table.rgb(77, 128, 128), [77, 77, 77]);
        for (y, cb, cr) in [(120u8, 90u8, 200u8), (30, 250, 10), (200, 128, 130), (255, 0, 255)] {
            let (l, b, r) = (f64::from(y), f64::from(cb) - 128.0, f64::from(cr) - 128.0);
            let want = [l + 1.402 * r, l - 0.344_136 * b - 0.714_136 * r, l + 1.772 * b];
            for (got, want) in table.rgb(y, cb, cr).into_iter().zip(want) {
                assert!((f64::from(got) - want.clamp(0.0, 255.0)).abs() <= 1.0, "{got} {want}");
            }
        }
    }

    #[test]
    fn absurd_references_do_not_overflow() {
        for bad in [f32::NAN, f32::INFINITY, -1e30, 0.0] {
            let table = YCbCr::new([bad; 3], [bad; 6]);
            let _ = table.rgb(255, 255, 0);
            let table = YCbCr::new([bad, 0.0, 1.0], [bad, 0.0, bad, 1.0, 0.0, bad]);
            let _ = table.rgb(0, 1, 255);
        }
    }
}
