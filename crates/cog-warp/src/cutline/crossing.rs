//! Whether a ring crosses itself.

use super::polygon::Point;

/// Fewer edges than this are compared each with each.
const FEW: usize = 24;

/// Boxes are not halved more often than this.
const DEEPEST: u32 = 48;

/// As many comparisons of edges may be needed, for each edge. A ring that needs more has so many edges in one spot that none can be
/// told from the others; it is not looked at further, for its inside is defined all the same.
const EFFORT: usize = 300;

#[derive(Clone, Copy)]
struct Edge {
    a: Point,
    b: Point,
}

/// Where two edges of a closed ring cross, each in the middle of the other. Edges that touch do not.
pub(super) fn find(ring: &[Point]) -> Option<Point> {
    let edges: Vec<Edge> = ring.iter().zip(ring.iter().skip(1)).map(|(a, b)| Edge { a: *a, b: *b }).collect();
    let (min, max) =
        edges.iter().fold(((f64::INFINITY, f64::INFINITY), (f64::NEG_INFINITY, f64::NEG_INFINITY)), |(l, h), e| {
            ((l.0.min(e.a.0), l.1.min(e.a.1)), (h.0.max(e.a.0), h.1.max(e.a.1)))
        });
    let mut left = EFFORT.saturating_mul(edges.len().max(FEW));
    among(&edges, min, max, DEEPEST, &mut left)
}

/// Halves the box until few edges pass through it.
fn among(edges: &[Edge], min: Point, max: Point, depth: u32, left: &mut usize) -> Option<Point> {
    if edges.len() <= FEW || depth == 0 {
        for (i, edge) in edges.iter().enumerate() {
            let others = edges.get(i + 1..).unwrap_or_default();
            *left = left.checked_sub(others.len())?;
            if let Some(at) = others.iter().find_map(|other| edge.crosses(other)) {
                return Some(at);
            }
        }
        return None;
    }
    *left = left.checked_sub(edges.len())?;
    let along_x = max.0 - min.0 > max.1 - min.1;
    let (first, second) = if along_x {
        let middle = 0.5 * (min.0 + max.0);
        ((min, (middle, max.1)), ((middle, min.1), max))
    } else {
        let middle = 0.5 * (min.1 + max.1);
        ((min, (max.0, middle)), ((min.0, middle), max))
    };
    for (min, max) in [first, second] {
        let inside: Vec<Edge> = edges.iter().filter(|edge| edge.touches(min, max)).copied().collect();
        // Where halving parts nothing, the edges run side by side.
        let depth = if inside.len() == edges.len() { depth.saturating_sub(6) } else { depth - 1 };
        if let Some(at) = among(&inside, min, max, depth, left) {
            return Some(at);
        }
    }
    None
}

impl Edge {
    /// Whether it passes through a box, or close by.
    fn touches(&self, min: Point, max: Point) -> bool {
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        let steps = [(self.a.0, self.b.0, min.0, max.0), (self.a.1, self.b.1, min.1, max.1)];
        for (from, to, low, high) in steps {
            let slack = 1e-12 * (low.abs() + high.abs());
            let (low, high) = (low - slack, high + slack);
            let way = to - from;
            if way == 0.0 {
                if from < low || from > high {
                    return false;
                }
                continue;
            }
            let (a, b) = ((low - from) / way, (high - from) / way);
            enter = enter.max(a.min(b));
            leave = leave.min(a.max(b));
        }
        enter <= leave + 1e-12
    }

    /// Where it crosses another one, if both ends of each lie clearly on two sides of the other.
    fn crosses(&self, other: &Edge) -> Option<Point> {
        let reach = |edge: &Edge, pick: fn(Point) -> f64| {
            let (a, b) = (pick(edge.a), pick(edge.b));
            (a.min(b), a.max(b))
        };
        for pick in [|p: Point| p.0, |p: Point| p.1] {
            let (one, two) = (reach(self, pick), reach(other, pick));
            if one.1 < two.0 || two.1 < one.0 {
                return None;
            }
        }
        let (c, d) = (side(self.a, self.b, other.a)?, side(self.a, self.b, other.b)?);
        let (a, b) = (side(other.a, other.b, self.a)?, side(other.a, other.b, self.b)?);
        let crosses = (c > 0.0) != (d > 0.0) && (a > 0.0) != (b > 0.0);
        crosses.then(|| {
            let share = a / (a - b);
            (self.a.0 + share * (self.b.0 - self.a.0), self.a.1 + share * (self.b.1 - self.a.1))
        })
    }
}

/// On which side of a line a point lies; `None` on it, or too close for rounding to tell.
fn side(a: Point, b: Point, p: Point) -> Option<f64> {
    let (one, two) = ((b.0 - a.0) * (p.1 - a.1), (b.1 - a.1) * (p.0 - a.0));
    let difference = one - two;
    // Differences of coordinates are rounded too: a few units in the last place of the coordinates themselves.
    let largest = [a, b, p].iter().fold(0.0_f64, |m, (x, y)| m.max(x.abs()).max(y.abs()));
    let lengths = (b.0 - a.0).abs() + (b.1 - a.1).abs() + (p.0 - a.0).abs() + (p.1 - a.1).abs();
    let doubt = 4.0 * f64::EPSILON * (one.abs() + two.abs() + largest * lengths);
    (difference.abs() > doubt).then_some(difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circle(n: usize, radius: impl Fn(usize) -> f64) -> Vec<Point> {
        let mut ring: Vec<Point> = (0..n)
            .map(|i| {
                let (sin, cos) = (i as f64 / n as f64 * std::f64::consts::TAU).sin_cos();
                (9.0 + radius(i) * cos, 48.0 + radius(i) * sin)
            })
            .collect();
        ring.extend(ring.first().copied());
        ring
    }

    #[test]
    fn a_bow_tie_crosses_itself_in_its_middle() {
        assert_eq!(find(&[(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0), (0.0, 0.0)]), Some((2.0, 2.0)));
    }

    #[test]
    fn rings_that_only_touch_themselves_do_not_cross() {
        // Two squares that meet in a corner, and a slit along an edge.
        let corner = [
            (0.0, 0.0),
            (2.0, 0.0),
            (2.0, 2.0),
            (4.0, 2.0),
            (4.0, 4.0),
            (2.0, 4.0),
            (2.0, 2.0),
            (0.0, 2.0),
            (0.0, 0.0),
        ];
        assert_eq!(find(&corner), None);
        let slit = [(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (2.0, 2.0), (4.0, 2.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)];
        assert_eq!(find(&slit), None);
    }

    #[test]
    fn large_rings_are_looked_through() {
        assert_eq!(find(&circle(100_000, |_| 5.0)), None);
        // Spikes from near the middle.
        assert_eq!(find(&circle(20_000, |i| if i % 2 == 0 { 1e-3 } else { 7.0 })), None);
        let mut ring = circle(100_000, |_| 5.0);
        ring.swap(70_000, 70_001);
        let (x, y) = find(&ring).unwrap();
        assert!(((x - 9.0).hypot(y - 48.0) - 5.0).abs() < 1e-3);
    }

    #[test]
    fn spikes_that_end_in_one_point_are_given_up_in_bounded_time() {
        assert_eq!(find(&circle(200_000, |i| if i % 2 == 0 { 0.0 } else { 7.0 })), None);
    }
}
