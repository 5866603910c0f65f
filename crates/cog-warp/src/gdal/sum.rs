//! Sums over areas: GDAL takes each source pixel to the output, and gives what it holds to the output pixels that it covers.

use super::approximate::along_row;
use super::chunks::Chunk;
use super::job::Job;
use crate::error::Result;
use crate::output::Output;
use crate::sampling::{Coverage, Number, Ordered, Sum, View, alpha_of_areas};

/// Corners of source pixels along a line between two rows, in pixels of the chunk.
struct Corners {
    xs: Vec<f64>,
    ys: Vec<f64>,
}

impl Corners {
    fn new(job: &Job<'_>, chunk: &Chunk, row: usize) -> Corners {
        let n = chunk.source.width as usize + 1;
        let (mut xs, mut ys) = (vec![0.0; n], vec![0.0; n]);
        let y = f64::from(chunk.source.row) + row as f64;
        let exact = |x: f64| {
            let (column, row) = job.forward.of_source(x, y)?;
            Some((column - f64::from(chunk.output.column), row - f64::from(chunk.output.row)))
        };
        along_row(f64::from(chunk.source.column), &exact, &mut xs, &mut ys);
        Corners { xs, ys }
    }

    fn get(&self, at: usize) -> Option<(f64, f64)> {
        self.xs.get(at).copied().zip(self.ys.get(at).copied())
    }
}

/// Makes a chunk. `view` is what was read of the source.
///
/// # Errors
/// Memory that cannot be had.
pub(super) fn fill<T: Ordered>(view: &View<'_, T>, job: &Job<'_>, chunk: &Chunk) -> Result<Output<T>> {
    let (width, height) = (chunk.output.width as usize, chunk.output.height as usize);
    let plane = width * height;
    let masks = view.masks();
    let mut sums = vec![<T as Number>::Wide::default(); plane * view.bands];
    let mut output = Output::new(chunk.output, view.bands, masks)?;
    let mut means = Means::new(if view.alpha.is_some() { plane } else { 0 });
    let mut coverage = Coverage::default();
    let mut upper = Corners::new(job, chunk, 0);
    for row in 0..view.height {
        let lower = Corners::new(job, chunk, row + 1);
        for column in 0..view.width {
            let corners = (upper.get(column), upper.get(column + 1), lower.get(column + 1), lower.get(column));
            let (Some(a), Some(b), Some(c), Some(d)) = corners else { continue };
            let quad = [a, b, c, d];
            let area = 0.5 * ((c.0 - a.0) * (d.1 - b.1) - (d.0 - b.0) * (c.1 - a.1)).abs();
            if area.is_nan() || area <= 0.0 || is_torn(&quad, plane) || !coverage.measure(&quad, width, height) {
                continue;
            }
            let is_alpha = |band: usize| view.alpha.is_some_and(|alpha| alpha.has(band));
            let first_alpha = view.alpha.and_then(|alpha| alpha.bands.first().copied());
            for band in 0..view.bands {
                let at = (i32::try_from(column), i32::try_from(row));
                let (Some(of_band), (Ok(x), Ok(y))) = (view.band(band), at) else { continue };
                let Some(value) = of_band.get(x, y) else { continue };
                let alpha = (first_alpha == Some(band)).then(|| value.real());
                let value = if is_alpha(band) { Default::default() } else { value.to_wide().times(1.0 / area) };
                for line in 0..coverage.height {
                    let first = (coverage.row + line) * width + coverage.column;
                    let mask = if masks == 1 { 0 } else { band * plane };
                    for (i, share) in coverage.row(line).iter().enumerate().filter(|(_, share)| **share > 1e-9) {
                        let places = sums.get_mut(band * plane + first + i).zip(output.valid.get_mut(mask + first + i));
                        if let Some((sum, valid)) = places {
                            *sum = sum.add(value.times(*share));
                            *valid = 255;
                            if let Some(alpha) = alpha {
                                means.add(first + i, alpha, *share);
                            }
                        }
                    }
                }
            }
        }
        upper = lower;
    }
    output.samples.iter_mut().zip(sums).for_each(|(sample, sum)| *sample = T::from_wide(sum));
    if let Some(alpha) = view.alpha {
        for band in &alpha.bands {
            let own = output.samples.iter_mut().skip(band * plane).take(plane);
            own.zip(means.each()).for_each(|(sample, mean)| *sample = alpha.written_mean(mean));
        }
        alpha_of_areas(view, plane, true, &mut output.samples, &mut output.valid);
    }
    Ok(output)
}

/// Means by shares, of each pixel of a chunk.
struct Means {
    sums: Vec<f64>,
    shares: Vec<f64>,
}

impl Means {
    fn new(pixels: usize) -> Means {
        Means { sums: vec![0.0; pixels], shares: vec![0.0; pixels] }
    }

    fn add(&mut self, at: usize, value: f64, share: f64) {
        if let Some((sum, shares)) = self.sums.get_mut(at).zip(self.shares.get_mut(at)) {
            *sum += value * share;
            *shares += share;
        }
    }

    /// 0 where nothing was added.
    fn each(&self) -> impl Iterator<Item = f64> {
        self.sums.iter().zip(&self.shares).map(|(sum, shares)| if *shares > 0.0 { sum / shares } else { 0.0 })
    }
}

/// A pixel that lies on both ends of the map is none.
fn is_torn(quad: &[(f64, f64); 4], plane: usize) -> bool {
    let reach = |pick: fn(&(f64, f64)) -> f64| {
        let (low, high) =
            quad.iter().map(pick).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        high - low
    };
    reach(|p| p.0) * reach(|p| p.1) > plane as f64
}
