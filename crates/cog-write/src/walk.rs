//! In which rectangles a source is read, and in which order.

use cog_raster::Area;

/// Pixels of a rectangle take no more than this unless the source's blocks are larger.
const BYTES: u64 = 16 << 20;
/// The same of a source that is near, unless the blocks that are written are larger: as much as a processor's own cache holds.
const NEAR_BYTES: u64 = 1 << 20;
/// The same for rows of strips.
const ROW_BYTES: u64 = 16 << 20;

/// Rectangles that cover a level, each made of whole blocks of the source.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    size: (u32, u32),
    /// Of a rectangle.
    region: (u32, u32),
    /// Squares of rectangles still to visit: their upper left corner and their side, the next one last.
    squares: Vec<(u32, u32, u32)>,
}

impl Walk {
    /// A level of `size` pixels, each of which takes `pixel` bytes, from a source with blocks of `source`, into blocks of `block` pixels.
    ///
    /// Blocks narrower than the level are visited along a Z curve, so that neighbours come soon after each other in both directions;
    /// wide ones row by row. Of a source that is [`near`](crate::Source::is_near) small rectangles do.
    pub(crate) fn new(size: (u32, u32), pixel: u64, source: (u32, u32), block: u32, near: bool) -> Walk {
        let source = (source.0.clamp(1, size.0), source.1.clamp(1, size.1));
        let rows = source.0 >= size.0;
        let pixels = |width: u32, height: u32| u64::from(width) * u64::from(height) * pixel.max(1);
        let region = if rows {
            let height = joined(source.1, block, size.1);
            let whole = pixels(size.0, height) <= ROW_BYTES.max(pixels(size.0, source.1));
            let fits = (ROW_BYTES / pixels(size.0, source.1).max(1)).clamp(1, u64::from(size.1)) as u32;
            (size.0, if whole { height } else { source.1.saturating_mul(fits).min(size.1) })
        } else {
            let (mut width, mut height) = (joined(source.0, block, size.0), joined(source.1, block, size.1));
            // Blocks that lie in several rectangles are put together, which costs more than is gained.
            let whole = |side: u32, size: u32| side.is_multiple_of(block) || side >= size;
            let small = near && whole(width, size.0) && whole(height, size.1);
            let bytes = if small { NEAR_BYTES } else { BYTES };
            // As large as fits, and square.
            while pixels(2 * width.min(size.0), 2 * height.min(size.1)) <= bytes && (width < size.0 || height < size.1)
            {
                (width, height) = (width.saturating_mul(2), height.saturating_mul(2));
            }
            if pixels(width, height) > BYTES {
                (width, height) = (least(source.0, block), least(source.1, block));
            }
            (width.min(size.0), height.min(size.1))
        };
        let count = size.0.div_ceil(region.0).max(size.1.div_ceil(region.1));
        let squares = match rows {
            true => (0..size.1.div_ceil(region.1)).rev().map(|y| (0, y, 1)).collect(),
            false => vec![(0, 0, count.next_power_of_two())],
        };
        Walk { size, region, squares }
    }

    /// Pixels of a rectangle.
    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.region.0) * u64::from(self.region.1)
    }

    /// True if each rectangle is as wide as the level.
    pub(crate) fn is_by_rows(&self) -> bool {
        self.region.0 >= self.size.0
    }
}

/// A multiple of the source's blocks that is one of the output's too, if it is not far; else what is about as large as a few of these.
fn joined(source: u32, block: u32, size: u32) -> u32 {
    let times = 1..=(4 * block / source).max(16);
    let common = times.map(|times| source.saturating_mul(times)).find(|side| side % block == 0);
    common.unwrap_or_else(|| least(source, 4 * block)).min(size.max(source))
}

/// The least multiple of the source's blocks that reaches `wanted`.
fn least(source: u32, wanted: u32) -> u32 {
    source.saturating_mul(wanted.div_ceil(source).max(1))
}

impl Iterator for Walk {
    type Item = Area;

    fn next(&mut self) -> Option<Area> {
        while let Some((x, y, side)) = self.squares.pop() {
            let place = |n: u32, region: u32, size: u32| n.checked_mul(region).filter(|at| *at < size);
            let corner = place(x, self.region.0, self.size.0).zip(place(y, self.region.1, self.size.1));
            let Some((left, top)) = corner else { continue };
            if side > 1 {
                let half = side / 2;
                self.squares.extend([
                    (x + half, y + half, half),
                    (x, y + half, half),
                    (x + half, y, half),
                    (x, y, half),
                ]);
                continue;
            }
            let width = self.region.0.min(self.size.0 - left);
            return Some(Area { x: left, y: top, width, height: self.region.1.min(self.size.1 - top) });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn corners(walk: Walk) -> Vec<(u32, u32)> {
        walk.map(|area| (area.x, area.y)).collect()
    }

    #[test]
    fn tiles_are_visited_in_squares_of_squares() {
        // 16 MiB of one byte a pixel: 4096 × 4096.
        let walk = Walk::new((10_000, 9000), 1, (256, 256), 512, false);
        let k = 4096;
        assert_eq!(
            corners(walk),
            [(0, 0), (k, 0), (0, k), (k, k), (2 * k, 0), (2 * k, k), (0, 2 * k), (k, 2 * k), (2 * k, 2 * k)]
        );
    }

    #[test]
    fn rectangles_of_a_near_source_are_small_if_they_are_made_of_whole_blocks() {
        let side = |pixel, source, block| {
            let area = Walk::new((100_000, 90_000), pixel, source, block, true).next().unwrap();
            (area.width, area.height)
        };
        // 1 MiB of one byte a pixel: 1024 × 1024.
        assert_eq!(side(1, (256, 256), 512), (1024, 1024));
        assert_eq!(side(3, (512, 512), 512), (512, 512));
        // One block at least.
        assert_eq!(side(8, (256, 256), 1024), (1024, 1024));
        assert_eq!(side(3, (768, 768), 512), (1536, 1536));
        // Blocks of 500 and of 512 have no edges in common nearby: 16 MiB.
        assert_eq!(side(1, (500, 500), 512), (2500, 2500));
    }

    #[test]
    fn strips_are_read_from_the_top_in_whole_rows_of_blocks_if_these_are_not_too_large() {
        assert_eq!(corners(Walk::new((1000, 1100), 1, (1000, 8), 512, true)), [(0, 0), (0, 512), (0, 1024)]);
        let wide = Walk::new((1_000_000, 1000), 4, (1_000_000, 1), 512, true).next().unwrap();
        assert_eq!((wide.width, wide.height), (1_000_000, 4));
        let one = Walk::new((1000, 5000), 1, (1000, 5000), 512, true).next().unwrap();
        assert_eq!(one.height, 5000);
    }

    proptest! {
        #[test]
        fn every_pixel_is_read_once_in_whole_blocks(
            width in 1u32..3000, height in 1u32..3000, source in (1u32..700, 1u32..700), block in 1u32..40,
            pixel in 1u64..20_000, near in any::<bool>(),
        ) {
            let block = 16 * block;
            let areas: Vec<Area> = Walk::new((width, height), pixel, source, block, near).collect();
            let pixels: u64 = areas.iter().map(|a| u64::from(a.width) * u64::from(a.height)).sum();
            prop_assert_eq!(pixels, u64::from(width) * u64::from(height));
            let source = (source.0.min(width), source.1.min(height));
            for area in &areas {
                prop_assert!(area.x % source.0 == 0 && area.y % source.1 == 0);
                prop_assert!(area.x + area.width <= width && area.y + area.height <= height);
            }
            for (i, a) in areas.iter().enumerate() {
                for b in &areas[i + 1..] {
                    let apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
                    prop_assert!(apart);
                }
            }
        }
    }
}
