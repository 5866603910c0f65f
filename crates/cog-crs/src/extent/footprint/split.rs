//! A ring cut by a meridian.

use super::Point;

/// A piece of the ring on one side of the line, from one crossing to another.
struct Chain {
    points: Vec<Point>,
    is_left: bool,
    /// Numbers of the crossings where it begins and ends.
    begin: usize,
    end: usize,
}

/// The parts of a ring (whose last place is not its first again) with x less than `line`, and those with x not less. Between the
/// crossings, which in the order of y lie in pairs, the parts go along the line.
pub(super) fn at(ring: &[Point], line: f64) -> (Vec<Vec<Point>>, Vec<Vec<Point>>) {
    let is_left = |p: &Point| p.0 < line;
    let Some(start) = crossing_after(ring, line) else {
        let all = vec![ring.to_vec()];
        return if ring.first().is_some_and(is_left) { (all, Vec::new()) } else { (Vec::new(), all) };
    };
    let count = ring.len();
    let mut crossings: Vec<f64> = Vec::new();
    let mut chains: Vec<Chain> = Vec::new();
    let walked = ring.iter().cycle().skip(start).zip(ring.iter().cycle().skip(start + 1)).take(count);
    for (from, to) in walked {
        if let Some(chain) = chains.last_mut() {
            chain.points.push(*from);
        }
        if is_left(from) != is_left(to) {
            let y = from.1 + (to.1 - from.1) * ((line - from.0) / (to.0 - from.0)).clamp(0.0, 1.0);
            if let Some(chain) = chains.last_mut() {
                chain.points.push((line, y));
                chain.end = crossings.len();
            }
            let begin = crossings.len();
            chains.push(Chain { points: vec![(line, y)], is_left: is_left(to), begin, end: 0 });
            crossings.push(y);
        }
    }
    // The last chain ends where the first began; it got its points up to the place before.
    if let (Some(last), Some(from)) = (chains.last_mut(), ring.get(start)) {
        last.points.push(*from);
        last.points.extend(crossings.first().map(|y| (line, *y)));
        last.end = 0;
    }
    let partner = partners(&crossings);
    let side = |left: bool| {
        let mut used = vec![false; chains.len()];
        let mut rings = Vec::new();
        for first in 0..chains.len() {
            let mut at = first;
            let mut ring = Vec::new();
            while let Some(chain) =
                chains.get(at).filter(|chain| chain.is_left == left && !used.get(at).copied().unwrap_or(true))
            {
                if let Some(used) = used.get_mut(at) {
                    *used = true;
                }
                ring.extend_from_slice(&chain.points);
                let next = partner
                    .get(chain.end)
                    .and_then(|begin| chains.iter().position(|other| other.is_left == left && other.begin == *begin));
                // A ring that crosses itself has no pairs: the part is closed as it is.
                at = next.unwrap_or(first);
            }
            if ring.len() > 2 {
                rings.push(ring);
            }
        }
        rings
    };
    (side(true), side(false))
}

/// The number of a place behind which the ring crosses the line.
fn crossing_after(ring: &[Point], line: f64) -> Option<usize> {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).position(|(a, b)| (a.0 < line) != (b.0 < line))
}

/// Of each crossing the other end of the stretch of the line that lies inside.
fn partners(crossings: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..crossings.len()).collect();
    let y = |i: &usize| crossings.get(*i).copied().unwrap_or(0.0);
    order.sort_by(|a, b| y(a).total_cmp(&y(b)));
    let mut partner = vec![0; crossings.len()];
    for pair in order.chunks_exact(2) {
        if let [a, b] = pair {
            for (one, other) in [(a, b), (b, a)] {
                if let Some(place) = partner.get_mut(*one) {
                    *place = *other;
                }
            }
        }
    }
    partner
}

#[cfg(test)]
mod tests {
    use super::at;

    fn sorted(mut rings: Vec<Vec<(f64, f64)>>) -> Vec<Vec<(f64, f64)>> {
        rings.sort_by(|a, b| a.partial_cmp(b).unwrap());
        rings
    }

    fn area(ring: &[(f64, f64)]) -> f64 {
        let next = ring.iter().cycle().skip(1);
        ring.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>() / 2.0
    }

    #[test]
    fn a_square_becomes_two() {
        let (left, right) = at(&[(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0)], 3.0);
        let areas = |rings: Vec<Vec<(f64, f64)>>| rings.iter().map(|r| area(r)).collect::<Vec<_>>();
        assert_eq!((areas(left), areas(right)), (vec![6.0], vec![2.0]));
    }

    #[test]
    fn a_comb_falls_apart_into_its_teeth() {
        // A back to the left of 1, two teeth that reach to 3.
        let comb = [(0.0, 0.0), (3.0, 0.0), (3.0, 1.0), (1.0, 1.0), (1.0, 2.0), (3.0, 2.0), (3.0, 3.0), (0.0, 3.0)];
        let (left, right) = at(&comb, 2.0);
        assert_eq!((left.len(), right.len()), (1, 2));
        let right = sorted(right);
        assert!(right.iter().all(|tooth| area(tooth) == 1.0), "{right:?}");
        assert_eq!(area(&left[0]), 5.0);
        // The other way around as well.
        let mut reversed = comb;
        reversed.reverse();
        let (left, right) = at(&reversed, 2.0);
        assert_eq!((left.len(), right.len()), (1, 2));
    }

    #[test]
    fn what_lies_on_one_side_stays_whole() {
        let square = [(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0)];
        assert_eq!(at(&square, 5.0), (vec![square.to_vec()], vec![]));
        assert_eq!(at(&square, 0.0), (vec![], vec![square.to_vec()]));
        // An edge on the line is right of it, without area.
        let (left, right) = at(&square, 4.0);
        assert_eq!(area(&left[0]), 8.0);
        assert!(right.iter().all(|ring| area(ring) == 0.0));
    }
}
