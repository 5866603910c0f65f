//! Which level a read of reduced resolution starts from.

use crate::geometry::window::Window;
use crate::resample::Resampling;

/// The variable that changes how much coarser than wanted an overview may be, as in GDAL: see [`ReducedRead::oversampling`].
pub const OVERSAMPLING_VARIABLE: &str = "GDAL_OVERVIEW_OVERSAMPLING_THRESHOLD";

/// How the level of a read is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OverviewStrategy {
    /// GDAL's rule: the coarsest level that is not coarser than the output (nearest may be 1.2 times coarser). Resolution is
    /// that of the axis that is reduced less.
    #[default]
    Gdal,
    /// aiocogeo's `ZOOM_LEVEL_STRATEGY`: where between two levels the wanted resolution must lie for the coarser one, in
    /// percent of the way from it to the finer one. 0 is `UPPER` (never coarser than wanted), 50 is `AUTO`, 100 is `LOWER`
    /// (the coarser one of the two). Values above 100 count as 100. Only the width decides.
    Percent(u8),
    /// Always full resolution.
    FullResolution,
}

impl OverviewStrategy {
    /// aiocogeo's `AUTO`: the level next to the wanted resolution.
    pub const AUTO: OverviewStrategy = OverviewStrategy::Percent(50);
    /// aiocogeo's `LOWER`: rather too coarse.
    pub const LOWER: OverviewStrategy = OverviewStrategy::Percent(100);
    /// aiocogeo's `UPPER`: rather too fine.
    pub const UPPER: OverviewStrategy = OverviewStrategy::Percent(0);
}

/// A strategy that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an overview strategy (GDAL, AUTO, LOWER, UPPER, FULL, or percent from 0 to 100)")]
pub struct UnknownStrategy(String);

impl std::str::FromStr for OverviewStrategy {
    type Err = UnknownStrategy;

    /// `AUTO`, `LOWER`, `UPPER` or 0 to 100, as aiocogeo's variable has it; `GDAL` and `FULL` beside them. Case does not
    /// matter.
    fn from_str(text: &str) -> Result<Self, UnknownStrategy> {
        match text.to_ascii_uppercase().as_str() {
            "GDAL" => Ok(OverviewStrategy::Gdal),
            "FULL" => Ok(OverviewStrategy::FullResolution),
            "AUTO" => Ok(OverviewStrategy::AUTO),
            "LOWER" => Ok(OverviewStrategy::LOWER),
            "UPPER" => Ok(OverviewStrategy::UPPER),
            number => match number.parse() {
                Ok(percent @ 0..=100) => Ok(OverviewStrategy::Percent(percent)),
                _ => Err(UnknownStrategy(text.to_owned())),
            },
        }
    }
}

/// A read that an overview may serve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReducedRead {
    /// In pixels of full resolution, inside the image.
    pub window: Window,
    /// Columns and rows of the output.
    pub output: (usize, usize),
    /// How pixels are made.
    pub method: Resampling,
    /// How many times coarser than wanted a level may be under GDAL's rule; `None`: 1.2 for nearest and 1 for the others. GDAL takes it
    /// from the variable [`OVERSAMPLING_VARIABLE`].
    pub oversampling: Option<f64>,
}

impl OverviewStrategy {
    /// The level for a read of an image of `full` (width, height) pixels: 0 is full resolution, 1 the first of the overviews, whose
    /// sizes stand in the order of the file.
    pub fn choose(self, full: (u32, u32), overviews: &[(u32, u32)], read: &ReducedRead) -> usize {
        match self {
            OverviewStrategy::FullResolution => 0,
            OverviewStrategy::Gdal => gdal(full, overviews, read),
            OverviewStrategy::Percent(percent) => by_percent(full, overviews, read, percent),
        }
    }
}

fn ratios(full: (u32, u32), size: (u32, u32)) -> (f64, f64) {
    (f64::from(full.0) / f64::from(size.0.max(1)), f64::from(full.1) / f64::from(size.1.max(1)))
}

fn gdal(full: (u32, u32), overviews: &[(u32, u32)], read: &ReducedRead) -> usize {
    let ReducedRead { window, output: (width, height), method, oversampling } = *read;
    let whole = window.whole();
    if width >= whole.width as usize && height >= whole.height as usize {
        return 0;
    }
    let (across, down) = (f64::from(whole.width) / width as f64, f64::from(whole.height) / height as f64);
    let wanted = if across < down || height == 1 { across } else { down };
    let tolerance = oversampling.unwrap_or(if method == Resampling::Nearest { 1.2 } else { 1.0 });
    let (mut best, mut level) = (0.0, 0);
    for (i, size) in overviews.iter().enumerate() {
        let (across, down) = ratios(full, *size);
        let factor = across.min(down);
        if factor >= wanted * tolerance + 0.1 || factor <= best {
            continue;
        }
        (best, level) = (factor, i + 1);
        if (wanted - factor).abs() < 0.1 {
            break;
        }
    }
    level
}

/// aiocogeo's rule; distances are in pixels of full resolution.
fn by_percent(full: (u32, u32), overviews: &[(u32, u32)], read: &ReducedRead, percent: u8) -> usize {
    let wanted = read.window.width / read.output.0 as f64;
    let mut levels: Vec<(f64, usize)> = overviews.iter().zip(1..).map(|(size, i)| (ratios(full, *size).0, i)).collect();
    levels.push((1.0, 0));
    levels.sort_by(|a, b| b.0.total_cmp(&a.0));
    let share = f64::from(percent.min(100)) / 100.0;
    for pair in levels.windows(2) {
        let [(resolution, level), (finer, _)] = pair else { continue };
        if wanted > resolution - (resolution - finer) * share || wanted == *resolution {
            return *level;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// aiocogeo's own test table: 1/100 of a degree of the same 7-level file read at five widths.
    #[test]
    fn zoom_strategies_choose_as_aiocogeo() {
        let overviews: Vec<(u32, u32)> = (1..7).map(|i| (64_000 >> i, 64_000 >> i)).collect();
        let level = |strategy: OverviewStrategy, resolution: f64| {
            let width = (64_000.0 / resolution) as usize;
            let read = ReducedRead {
                window: Window::new(0, 0, 64_000, 64_000),
                output: (width, width),
                method: Resampling::Nearest,
                oversampling: None,
            };
            strategy.choose((64_000, 64_000), &overviews, &read)
        };
        for strategy in [OverviewStrategy::AUTO, OverviewStrategy::LOWER, OverviewStrategy::UPPER] {
            assert_eq!((level(strategy, 100.0), level(strategy, 1.0), level(strategy, 0.5)), (6, 0, 0));
            assert_eq!(level(strategy, 8.0), 3);
        }
        // Between 4 and 8: a quarter of the way from 8 to 4 is 7.
        assert_eq!(level(OverviewStrategy::LOWER, 5.0), 3);
        assert_eq!(level(OverviewStrategy::UPPER, 7.9), 2);
        assert_eq!((level(OverviewStrategy::AUTO, 6.25), level(OverviewStrategy::AUTO, 5.9)), (3, 2));
        assert_eq!((level(OverviewStrategy::Percent(25), 7.1), level(OverviewStrategy::Percent(25), 6.9)), (3, 2));
    }

    #[test]
    fn strategies_are_read_as_aiocogeo_writes_them() {
        assert_eq!("auto".parse(), Ok(OverviewStrategy::AUTO));
        assert_eq!("75".parse(), Ok(OverviewStrategy::Percent(75)));
        assert!("101".parse::<OverviewStrategy>().is_err() && "-1".parse::<OverviewStrategy>().is_err());
    }
}
