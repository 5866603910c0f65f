//! Which pixels of a level a rectangle of the output looks at.

use crate::frame::Frame;
use crate::lattice::Leaf;
use crate::level::Rectangle;
use crate::method::{Kernel, Kind};
use crate::row::{Part, Row};

/// Pixels of a level: the first columns and rows, and one behind the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
}

impl Reach {
    pub(super) fn area(&self) -> u64 {
        u64::from(self.right - self.left) * u64::from(self.bottom - self.top)
    }
}

/// The least rectangle around places of a level.
#[derive(Clone, Copy, Debug)]
struct Around {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Around {
    const NOTHING: Around =
        Around { left: f64::INFINITY, top: f64::INFINITY, right: f64::NEG_INFINITY, bottom: f64::NEG_INFINITY };

    /// Numbers that are none are passed over.
    fn add(&mut self, x: f64, y: f64) {
        if x.is_finite() && y.is_finite() {
            self.left = self.left.min(x);
            self.right = self.right.max(x);
            self.top = self.top.min(y);
            self.bottom = self.bottom.max(y);
        }
    }

    /// What lies in a level of a size; `None` if nothing does.
    fn within(self, (width, height): (u32, u32)) -> Option<Around> {
        let cut = Around {
            left: self.left.max(0.0),
            top: self.top.max(0.0),
            right: self.right.min(f64::from(width)),
            bottom: self.bottom.min(f64::from(height)),
        };
        (cut.left <= cut.right && cut.top <= cut.bottom).then_some(cut)
    }

    fn widened(self, by: f64) -> Around {
        Around { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    /// Smaller by this much on each side, at most by half.
    fn narrowed(self, by: f64) -> Around {
        let (x, y) = (by.min(0.25 * (self.right - self.left)), by.min(0.25 * (self.bottom - self.top)));
        Around { left: self.left + x, top: self.top + y, right: self.right - x, bottom: self.bottom - y }
    }

    fn join(&mut self, other: Around) {
        self.add(other.left, other.top);
        self.add(other.right, other.bottom);
    }

    fn pixels(self, size: (u32, u32)) -> Option<Reach> {
        let cut = self.within(size)?;
        let range = |low: f64, high: f64, length: u32| {
            // The last edge belongs to the last pixel.
            let first = (low.floor() as u32).min(length.saturating_sub(1));
            (first, (high.ceil() as u32).clamp(first + 1, length.max(first + 1)))
        };
        let (left, right) = range(cut.left, cut.right, size.0);
        let (top, bottom) = range(cut.top, cut.bottom, size.1);
        Some(Reach { left, top, right, bottom })
    }
}

/// Coordinates this close to a pixel's edge do not reach over it: less than any share that counts, more than rounding. Middles of
/// pixels count as on the edge from a fraction of that on.
const EDGE: f64 = 4e-10;

/// A pixel may be so much larger inside a square than at the places where it was measured.
const LARGER: f64 = 1.25;

/// What the pixels of a square look at.
struct Seen<'a> {
    leaf: &'a Leaf,
    /// Inside the level.
    places: Around,
    pixels: usize,
    /// The size of the largest pixel, if they were looked at one by one.
    measured: f64,
}

impl Seen<'_> {
    fn largest_pixel(&self, frame: &Frame<'_>) -> f64 {
        self.leaf.largest_pixel(frame).map_or(self.measured, |size| size * LARGER)
    }
}

/// Finds what is looked at; holds the memory that it takes.
pub(super) struct Looker {
    kind: Kind,
    row: Box<Row>,
}

impl Looker {
    pub(super) fn new(kind: Kind) -> Looker {
        Looker { kind, row: Box::new(Row::new()) }
    }

    /// What the pixels of `within` in these squares look at, in pixels of the frame's level; `None` if that is nothing. The frame begins
    /// at the level's first pixel.
    pub(super) fn look(&mut self, frame: &Frame<'_>, leaves: &[Leaf], within: Rectangle) -> Option<Reach> {
        let (kind, mut all) = (self.kind, Around::NOTHING);
        self.each_square(frame, leaves, within, |seen| {
            all.join(match kind {
                // Whichever side rounding puts the middle on.
                Kind::Nearest => seen.places.widened(EDGE),
                Kind::Kernel(kernel) => seen.places.widened(reach_of(kernel, seen.largest_pixel(frame))),
                Kind::Covering(_) => seen.places.narrowed(EDGE),
            });
        });
        all.pixels(frame.level.size)
    }

    /// About how many pixels of what [`look`](Self::look) finds are needed.
    pub(super) fn needed(&mut self, frame: &Frame<'_>, leaves: &[Leaf], within: Rectangle) -> f64 {
        let (kind, mut area, mut margin) = (self.kind, 0.0, 1.0_f64);
        self.each_square(frame, leaves, within, |seen| {
            let largest = seen.largest_pixel(frame);
            if let Kind::Kernel(kernel) = kind {
                margin = margin.max(reach_of(kernel, largest));
            }
            area += seen.pixels as f64 * largest * largest;
        });
        let side = area.sqrt() + 2.0 * margin;
        side * side
    }

    /// Runs over the squares of which pixels of `within` look at the level.
    fn each_square(&mut self, frame: &Frame<'_>, leaves: &[Leaf], within: Rectangle, mut each: impl FnMut(&Seen<'_>)) {
        for leaf in leaves {
            let Some(part) = within.intersect(leaf.rectangle()) else { continue };
            let mut places = Around::NOTHING;
            let mut measured = 0.0;
            // Of a mapping without jumps the edge of a rectangle becomes the edge of what it looks at.
            if leaf.is_exact() {
                measured = self.inside(frame, leaf, part, &mut places);
            } else {
                self.edge(frame, leaf, part, &mut places);
            }
            if let Some(places) = places.within(frame.level.size) {
                each(&Seen { leaf, places, pixels: part.pixels(), measured });
            }
        }
    }

    /// The outermost pixels of a part: those in its corners, where others cannot lie further out.
    fn edge(&mut self, frame: &Frame<'_>, leaf: &Leaf, part: Rectangle, places: &mut Around) {
        let (right, last) = (part.column + part.width - 1, part.row + part.height - 1);
        let left = Rectangle { width: 1, ..part };
        if leaf.is_monotonic() && !Part::new(frame, leaf, part).may_turn() {
            for column in [part.column, right] {
                for row in [part.row, last] {
                    self.add(frame, leaf, Rectangle { column, ..left }, row, places);
                }
            }
            return;
        }
        for row in part.row..=last {
            if row == part.row || row == last {
                self.add(frame, leaf, part, row, places);
            } else {
                self.add(frame, leaf, left, row, places);
                self.add(frame, leaf, Rectangle { column: right, ..left }, row, places);
            }
        }
    }

    /// All pixels of a part; the size of the largest one.
    fn inside(&mut self, frame: &Frame<'_>, leaf: &Leaf, part: Rectangle, places: &mut Around) -> f64 {
        let mut largest = 0.0_f64;
        for row in part.row..part.row + part.height {
            self.add(frame, leaf, part, row, places);
            if matches!(self.kind, Kind::Kernel(_)) {
                self.corners(frame, leaf, part, row);
                self.row.measure();
                largest = self.row.sizes().iter().fold(largest, |most, (x, y)| most.max(*x).max(*y));
            }
        }
        largest
    }

    /// Of rows that do not follow each other.
    fn corners(&mut self, frame: &Frame<'_>, leaf: &Leaf, part: Rectangle, row: u32) {
        self.row.begin(1);
        self.row.corners(frame, &Part::new(frame, leaf, part), row, 0);
    }

    fn add(&mut self, frame: &Frame<'_>, leaf: &Leaf, part: Rectangle, row: u32, places: &mut Around) {
        self.row.middles(frame, &Part::new(frame, leaf, part), row);
        if matches!(self.kind, Kind::Covering(_)) {
            self.corners(frame, leaf, part, row);
            self.row.quads().iter().flatten().for_each(|(x, y)| places.add(x, y));
        } else {
            let extent = frame.extent();
            let middles = self.row.places(&extent);
            middles.xs.iter().zip(middles.ys).for_each(|(x, y)| places.add(*x, *y));
        }
    }
}

/// How far from its place a kernel looks at pixels, at most.
fn reach_of(kernel: Kernel, pixel: f64) -> f64 {
    kernel.radius() * kernel.widening(pixel) + 1.0
}
