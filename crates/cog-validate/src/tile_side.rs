//! Tiles that are not taken for strips.

/// Sides of tiles that a COG may have, the usual one first. Of an image that has a level of 512 or 256 columns none has 384.
const SIDES: [u32; 3] = [512, 256, 384];

/// Smaller images need no tiles.
const SMALL: u32 = 512;

/// Whether a level is larger than what is read whole anyway and its blocks are as wide as it is: rio-cogeo then says that it is not tiled,
/// also where it has tiles, a column of them.
pub(crate) fn is_one_column((width, height): (u32, u32), block_width: u32) -> bool {
    (width > SMALL || height > SMALL) && block_width == width
}

/// Width and height in pixels of the tiles that a COG of this size had best have: 512, unless a level of more than 512 rows would be exactly
/// one tile wide. rio-cogeo from 7.0.4 on takes such tiles for strips and calls the file not valid, so tiles of 256 or 384 are better there.
///
/// Without `overviews` each is half as large as the level before it, until one fits a tile.
///
/// ```
/// assert_eq!(cog_validate::tile_side((10_000, 10_000), None), 512);
/// assert_eq!(cog_validate::tile_side((4096, 5000), None), 256); // 512 × 625 is one of its overviews
/// assert_eq!(cog_validate::tile_side((4096, 5000), Some(&[])), 512);
/// ```
pub fn tile_side(full: (u32, u32), overviews: Option<&[(u32, u32)]>) -> u32 {
    SIDES.into_iter().find(|side| is_plain_tile_side(full, overviews, *side)).unwrap_or(SIDES[0])
}

/// Whether no level would be taken for one of strips if tiles had this side; the rest as for [`tile_side`].
pub fn is_plain_tile_side(full: (u32, u32), overviews: Option<&[(u32, u32)]>, side: u32) -> bool {
    let half = |(width, height): &(u32, u32)| {
        (*width > side || *height > side).then_some(((width / 2).max(1), (height / 2).max(1)))
    };
    match overviews {
        Some(overviews) => !std::iter::once(&full).chain(overviews).any(|level| is_one_column(*level, side)),
        None => !std::iter::successors(Some(full), half).any(|level| is_one_column(level, side)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_one_tile_wide_and_higher_than_512_is_avoided() {
        for (full, side) in [
            ((4096, 5000), 256),
            ((4103, 5000), 256),
            ((4104, 5000), 512),
            ((4096, 4096), 512),
            ((4096, 4103), 512),
            ((4096, 4104), 256),
            ((512, 513), 256),
            ((512, 512), 512),
            ((512, 9000), 384),
            ((513, 9000), 512),
            ((300, 9000), 512),
            ((256, 9000), 512),
            ((4096, 10_000), 384),
            ((10_000, 4096), 512),
            ((u32::MAX, u32::MAX), 512),
            ((1, u32::MAX), 512),
        ] {
            assert_eq!(tile_side(full, None), side, "{full:?}");
        }
    }

    #[test]
    fn overviews_that_a_file_has_count_as_they_are() {
        // Halves that were rounded up.
        let kept = [(2048, 2500), (1024, 1250), (512, 625)];
        assert_eq!((tile_side((4095, 5000), Some(&kept)), tile_side((4095, 5000), None)), (256, 512));
    }

    #[test]
    fn one_side_always_does() {
        for width in (1..3000).chain([1 << 20, (1 << 20) + 1000]) {
            for height in [1, 512, 513, 700, 5000, 1 << 22] {
                let side = tile_side((width, height), None);
                assert!(is_plain_tile_side((width, height), None, side), "{width} × {height}: {side}");
            }
        }
    }
}
