//! Kernels of a size that is the same all over a chunk.

use super::source_window::SourceWindow;
use crate::method::Kernel;
use crate::sampling::{Number, Places, Plane, Sum, View, lanczos_sees_half};

/// Below this sum of weights there is no value.
const LEAST_WEIGHT: f64 = 1e-6;

/// One kernel, with memory for the weights of a place.
pub(super) struct WideKernel {
    kernel: Kernel,
    scale: (f64, f64),
    columns: Vec<f64>,
    rows: Vec<f64>,
}

impl WideKernel {
    pub(super) fn new(kernel: Kernel, window: &SourceWindow) -> WideKernel {
        WideKernel { kernel, scale: window.scale, columns: Vec::new(), rows: Vec::new() }
    }

    /// Fills rows of all bands, one or as many of validity.
    pub(super) fn fill<T: Number>(
        &mut self,
        view: &View<'_, T>,
        places: &Places<'_>,
        samples: &mut [T],
        valid: &mut [u8],
    ) {
        let n = places.xs.len();
        let masks = view.masks();
        for (i, (x, y)) in places.xs.iter().zip(places.ys).enumerate() {
            let inside = places.extent.pixel(*x, *y);
            let first = inside.map(|_| {
                let column = taps(self.kernel, *x, self.scale.0, &mut self.columns);
                (column, taps(self.kernel, *y, self.scale.1, &mut self.rows))
            });
            for band in 0..view.bands {
                let value = view.band(band).zip(inside).zip(first).and_then(|((plane, pixel), first)| {
                    plane.get(pixel.0, pixel.1)?;
                    self.value(&plane, first, (*x, *y))
                });
                let mask = if masks == 1 { i } else { band * n + i };
                if let Some((sample, valid)) = samples.get_mut(band * n + i).zip(valid.get_mut(mask)) {
                    (*sample, *valid) = value.map_or((T::default(), 0), |v| (v, 255));
                }
            }
        }
    }

    fn value<T: Number>(&self, plane: &Plane<'_, T>, (column, row): (i32, i32), place: (f64, f64)) -> Option<T> {
        let (mut sum, mut weights) = (T::Wide::default(), 0.0);
        for (row, down) in (row..).zip(&self.rows) {
            for (column, across) in (column..).zip(&self.columns) {
                let weight = across * down;
                if weight != 0.0
                    && let Some(v) = plane.get(column, row)
                {
                    sum = sum.add(v.to_wide().times(weight));
                    weights += weight;
                }
            }
        }
        let widening = (1.0 / self.scale.0.min(1.0), 1.0 / self.scale.1.min(1.0));
        if self.kernel == Kernel::Lanczos && !lanczos_sees_half(plane, place, widening) {
            return None;
        }
        (weights >= LEAST_WEIGHT).then(|| T::from_wide(sum.times(1.0 / weights)))
    }
}

/// The first pixel that a kernel around a place inside the source reaches, and the weights from there on.
fn taps(kernel: Kernel, place: f64, scale: f64, weights: &mut Vec<f64>) -> i32 {
    let scale = scale.min(1.0);
    let reach = (kernel.radius() / scale).ceil();
    let before = (place - 0.5).floor();
    let fraction = place - 0.5 - before;
    let first = if matches!(kernel, Kernel::Cubic | Kernel::CubicSpline) { 1.0 - reach } else { -reach };
    weights.clear();
    let count = (reach - first) as usize + 1;
    weights.extend((0..count).map(|i| weight(kernel, (first + i as f64 - fraction) * scale)));
    (before + first) as i32
}

fn weight(kernel: Kernel, distance: f64) -> f64 {
    match kernel {
        // GDAL leaves out the last term of the spline, as if it were asked for distances up to 2 only.
        Kernel::CubicSpline if distance > 2.0 => -(distance - 2.0).powi(3) / 6.0,
        _ => kernel.weight(distance),
    }
}
