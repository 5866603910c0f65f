//! From what a caller asks for to a window and the size of the output.

use cog_raster::{Area, Bounds, GeoTransform, Window};

use crate::error::UsageProblem;

/// Which part of an image is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Region {
    #[default]
    All,
    Window(Window),
    Bounds(Bounds),
}

/// How large the output is to be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Size {
    /// One pixel for each pixel of the image.
    #[default]
    Native,
    /// Rows and columns.
    Shape(usize, usize),
    /// Columns; as many rows as keep the pixels' shape.
    Width(usize),
    /// Rows; as many columns as keep the pixels' shape.
    Height(usize),
    /// The longer side at most; the other keeps the pixels' shape. Never enlarges.
    Longest(usize),
    /// Width and height of an output pixel in units of the CRS.
    Resolution(f64, f64),
}

/// Edges this near to a whole pixel (in pixels) lie on it: coordinates of tile corners rarely divide exactly.
const SNAP: f64 = 1e-6;

/// The window and the output of a read, in pixels of one level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OutputGrid {
    /// What was asked for; it may reach over the edges of the image.
    pub(crate) window: Window,
    /// Columns and rows of the output.
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// The part of the output that lies on the image.
    pub(crate) inside: Inside,
}

/// The part of the output whose pixels come from the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Inside {
    /// In pixels of the level; its edges are those of output pixels, so that without `boundless` it is the clipped window, and with
    /// it the edges may lie up to an output pixel outside the image.
    pub(crate) window: Window,
    /// Where it starts in the output.
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl OutputGrid {
    /// `image` is the size of the level and `transform` leads from its pixels to the CRS. Without `boundless`, the window is cut
    /// to the image first.
    pub(crate) fn of(
        region: Region,
        size: Size,
        boundless: bool,
        image: (u32, u32),
        transform: Option<&GeoTransform>,
    ) -> Result<OutputGrid, UsageProblem> {
        let window = match region {
            Region::All => Window::new(0, 0, image.0, image.1),
            Region::Window(window) => window,
            Region::Bounds(bounds) => window_of(&bounds, transform)?,
        };
        if !window.is_sound() {
            return Err(UsageProblem::EmptyWindow);
        }
        let outside = || match (region, transform) {
            (Region::Bounds(bounds), Some(transform)) => {
                let (minx, miny, maxx, maxy) = transform.bounds(image.0, image.1);
                UsageProblem::OutsideBounds { bounds, image: Bounds { minx, miny, maxx, maxy } }
            }
            _ => UsageProblem::OutsideWindow { window, image: [image.0, image.1] },
        };
        let clipped = window.clip(image.0, image.1).ok_or_else(outside)?;
        let window = if boundless { window } else { clipped };
        let (width, height) = size_of(size, &window, transform)?;
        let (x, across, column, columns) = inside(window.column, window.width, width, image.0);
        let (y, down, row, rows) = inside(window.row, window.height, height, image.1);
        if across == 0 || down == 0 {
            return Err(outside());
        }
        let inside = if boundless && window != clipped {
            Inside { window: Window { column, row, width: columns, height: rows }, x, y, width: across, height: down }
        } else {
            Inside { window, x: 0, y: 0, width, height }
        };
        Ok(OutputGrid { window, width, height, inside })
    }

    /// The pixels to copy, if one pixel of the level becomes one of the output.
    pub(crate) fn copy(&self) -> Option<Area> {
        let area = self.inside.window.area()?;
        ((area.width as usize, area.height as usize) == (self.inside.width, self.inside.height)).then_some(area)
    }

    /// The same output from a level that is smaller by these factors in x and y.
    pub(crate) fn shrunk(&self, factors: (f64, f64)) -> OutputGrid {
        let inside = Inside { window: self.inside.window.shrunk(factors), ..self.inside };
        OutputGrid { window: self.window.shrunk(factors), inside, ..*self }
    }

    /// From columns and rows of the output to coordinates.
    pub(crate) fn transform(&self, level: &GeoTransform) -> GeoTransform {
        let Window { column, row, width, height } = self.window;
        level.translated(column, row).scaled(width / self.width as f64, height / self.height as f64)
    }
}

fn window_of(bounds: &Bounds, transform: Option<&GeoTransform>) -> Result<Window, UsageProblem> {
    if !bounds.is_sound() {
        return Err(UsageProblem::EmptyBounds { bounds: *bounds });
    }
    let window = transform.and_then(|transform| bounds.window(transform)).ok_or(UsageProblem::NotGeoreferenced)?;
    let snap = |v: f64| if (v - v.round()).abs() < SNAP { v.round() } else { v };
    let (left, top) = (snap(window.column), snap(window.row));
    let (right, bottom) = (snap(window.column + window.width), snap(window.row + window.height));
    Ok(Window { column: left, row: top, width: right - left, height: bottom - top })
}

fn size_of(size: Size, window: &Window, transform: Option<&GeoTransform>) -> Result<(usize, usize), UsageProblem> {
    // More than this cannot be an output, whatever the limit.
    let count = |v: f64| if v.is_finite() { v.clamp(1.0, 1e15) as usize } else { usize::MAX >> 1 };
    let ratio = window.height / window.width;
    let (width, height) = match size {
        Size::Native => (count(window.width.round()), count(window.height.round())),
        Size::Shape(rows, columns) => (columns, rows),
        Size::Width(columns) => (columns, count((columns as f64 * ratio).ceil())),
        Size::Height(rows) => (count((rows as f64 / ratio).ceil()), rows),
        Size::Longest(0) => (0, 0),
        Size::Longest(most) if window.width.max(window.height) <= most as f64 => {
            (count(window.width.round()), count(window.height.round()))
        }
        Size::Longest(most) if ratio > 1.0 => (count((most as f64 / ratio).ceil()), most),
        Size::Longest(most) => (most, count((most as f64 * ratio).ceil())),
        Size::Resolution(x, y) => {
            let (px, py) = transform.ok_or(UsageProblem::NotGeoreferenced)?.resolution();
            if !(x.is_finite() && y.is_finite() && x > 0.0 && y > 0.0) {
                return Err(UsageProblem::NoResolution { resolution: [x, y] });
            }
            (count((window.width * px / x).round()), count((window.height * py / y).round()))
        }
    };
    if width == 0 || height == 0 {
        return Err(UsageProblem::EmptyShape { shape: [height, width] });
    }
    Ok((width, height))
}

/// How far an output pixel must reach into the image to come from it, in output pixels (GDAL's VRT).
const REACH: f64 = 1e-3;

/// The output pixels of one axis that reach into the image: the first and how many, and their window. Rasterio makes a
/// boundless read from a VRT, which rounds in this way.
fn inside(start: f64, len: f64, out: usize, image: u32) -> (usize, usize, f64, f64) {
    let step = len / out as f64;
    let place = |edge: f64| (edge - start) / step;
    let among = |v: f64| v.clamp(0.0, out as f64) as usize;
    let first = among((place(0.0) + REACH).floor());
    let count = among((place(f64::from(image)) - REACH).ceil()).saturating_sub(first);
    (first, count, start + first as f64 * step, count as f64 * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NORTH_UP: GeoTransform = GeoTransform { a: 10.0, b: 0.0, c: 1000.0, d: 0.0, e: -10.0, f: 2000.0 };

    fn grid(region: Region, size: Size, boundless: bool) -> Result<OutputGrid, UsageProblem> {
        OutputGrid::of(region, size, boundless, (100, 80), Some(&NORTH_UP))
    }

    #[test]
    fn everything_at_its_own_size_is_a_copy() {
        let grid = grid(Region::All, Size::Native, false).unwrap();
        assert_eq!(grid.copy(), Some(Area { x: 0, y: 0, width: 100, height: 80 }));
        assert_eq!(grid.transform(&NORTH_UP), NORTH_UP);
    }

    #[test]
    fn bounds_on_tile_corners_are_whole_pixels_in_spite_of_rounding() {
        let bounds = Bounds::new(1000.0 + 1e-9, 1500.0, 1500.0 - 1e-9, 2000.0 + 1e-9);
        let grid = grid(Region::Bounds(bounds), Size::Native, false).unwrap();
        assert_eq!(grid.copy(), Some(Area { x: 0, y: 0, width: 50, height: 50 }));
    }

    #[test]
    fn a_maximum_keeps_the_shape_and_never_enlarges() {
        let size = |most| grid(Region::All, Size::Longest(most), false).map(|f| (f.width, f.height));
        assert_eq!(size(50), Ok((50, 40)));
        assert_eq!(size(33), Ok((33, 27)));
        assert_eq!(size(1000), Ok((100, 80)));
        assert_eq!(size(0), Err(UsageProblem::EmptyShape { shape: [0, 0] }));
    }

    #[test]
    fn a_resolution_counts_in_the_units_of_the_crs() {
        let grid = grid(Region::All, Size::Resolution(20.0, 40.0), false).unwrap();
        assert_eq!((grid.width, grid.height), (50, 20));
        assert_eq!(grid.transform(&NORTH_UP).resolution(), (20.0, 40.0));
    }

    #[test]
    fn a_window_over_the_edge_is_cut_unless_boundless() {
        let window = Region::Window(Window::new(-10, 70, 20, 20));
        let cut = grid(window, Size::Native, false).unwrap();
        assert_eq!((cut.width, cut.height, cut.window), (10, 10, Window::new(0, 70, 10, 10)));
        let whole = grid(window, Size::Native, true).unwrap();
        assert_eq!((whole.width, whole.height), (20, 20));
        assert_eq!(whole.inside, Inside { window: Window::new(0, 70, 10, 10), x: 10, y: 0, width: 10, height: 10 });
    }

    #[test]
    fn an_output_pixel_that_the_edge_cuts_is_inside() {
        let of = |window, size| grid(Region::Window(window), Size::Shape(size, size), true).unwrap().inside;
        // Pixels of 4: the image begins at 2.5 of them.
        let cut = of(Window::new(-10, -10, 28, 28), 7);
        assert_eq!(cut, Inside { window: Window::new(-2, -2, 20, 20), x: 2, y: 2, width: 5, height: 5 });
        // Of 10: it ends at 3 and, below, after 1.
        let cut = of(Window::new(70, 70, 40, 40), 4);
        assert_eq!(cut, Inside { window: Window::new(70, 70, 30, 10), x: 0, y: 0, width: 3, height: 1 });
        let cut = of(Window::new(70, 70, 35, 35), 3);
        assert_eq!((cut.width, cut.height), (3, 1));
    }

    #[test]
    fn nonsense_is_named() {
        use UsageProblem as P;
        let bounds = |b: [f64; 4]| grid(Region::Bounds(b.into()), Size::Native, false).unwrap_err();
        assert!(matches!(bounds([f64::NAN, 0.0, 1.0, 1.0]), P::EmptyBounds { .. }));
        assert!(matches!(bounds([1500.0, 1500.0, 1400.0, 1600.0]), P::EmptyBounds { .. }));
        assert!(matches!(bounds([0.0, 0.0, 1.0, 1.0]), P::OutsideBounds { .. }));
        let window = |w| grid(Region::Window(w), Size::Native, true).unwrap_err();
        assert!(matches!(window(Window::new(0, 0, -5, 5)), P::EmptyWindow));
        assert!(matches!(window(Window::new(f64::INFINITY, 0, 5, 5)), P::EmptyWindow));
        assert!(matches!(window(Window::new(200, 0, 5, 5)), P::OutsideWindow { .. }));
        let size = |s| grid(Region::All, s, false).unwrap_err();
        assert!(matches!(size(Size::Shape(0, 5)), P::EmptyShape { .. }));
        assert!(matches!(size(Size::Resolution(f64::NAN, 1.0)), P::NoResolution { .. }));
        let nowhere = OutputGrid::of(Region::Bounds([0.0, 0.0, 1.0, 1.0].into()), Size::Native, false, (9, 9), None);
        assert_eq!(nowhere, Err(P::NotGeoreferenced));
    }
}
