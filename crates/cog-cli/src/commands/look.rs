//! Which bands of a file are shown, and by which colours.

use cog_read::tiff::{ColorInterpretation, ColorMap, Profile};
use cog_read::{Cog, Resampling};
use cog_warp::Method;

use crate::cli;
use crate::commands::expressions::Expressions;
use crate::output::drawing::Drawing;

/// Which bands of a file are shown, and by which colours.
pub(crate) struct Look {
    /// To read, from 1.
    pub(crate) bands: Vec<usize>,
    palette: Option<ColorMap>,
    /// Samples are numbers of colours.
    numbers: bool,
    /// Which of the bands, from 0, is alpha.
    alpha: Option<usize>,
}

impl Look {
    /// Of pictures that show a file: red, green and blue where it names them, else the first band.
    pub(crate) fn best(
        cog: &Cog,
        selection: &cli::Selection,
        expressions: Option<&Expressions>,
        rendering: &cli::Rendering,
    ) -> cog_read::Result<Look> {
        let painted = rendering.colormap.is_some();
        Look::of(cog, selection, expressions, rendering, |profile| match painted {
            true => vec![1],
            false => shown(&profile.color_interpretation),
        })
    }

    /// Of all bands, or those that were chosen.
    pub(crate) fn all(
        cog: &Cog,
        selection: &cli::Selection,
        expressions: Option<&Expressions>,
        rendering: &cli::Rendering,
    ) -> cog_read::Result<Look> {
        Look::of(cog, selection, expressions, rendering, |profile| (1..=usize::from(profile.count)).collect())
    }

    /// The results of expressions are shown as bands are.
    fn of(
        cog: &Cog,
        selection: &cli::Selection,
        expressions: Option<&Expressions>,
        rendering: &cli::Rendering,
        usual: impl FnOnce(&Profile) -> Vec<usize>,
    ) -> cog_read::Result<Look> {
        let profile = cog.profile()?;
        let is_palette = profile.color_interpretation.first() == Some(&ColorInterpretation::Palette);
        if let Some(expressions) = expressions {
            return Ok(Look { bands: expressions.bands().collect(), palette: None, numbers: is_palette, alpha: None });
        }
        let bands = selection.bands.clone().unwrap_or_else(|| usual(&profile));
        let alpha = bands.iter().position(|band| {
            let color = band.checked_sub(1).and_then(|band| profile.color_interpretation.get(band));
            color == Some(&ColorInterpretation::Alpha)
        });
        // An alpha band alone is shown as it is.
        let alpha = alpha.filter(|_| bands.len() > 1);
        let has_table = is_palette && bands.len() == 1 && (profile.count == 1 || selection.bands.is_none());
        let palette = profile.color_map.filter(|_| has_table);
        let numbers = palette.is_some() || rendering.colormap.as_ref().is_some_and(|colors| colors.is_exact());
        Ok(Look { bands, palette, numbers, alpha })
    }

    /// Numbers of colours are not mixed.
    pub(crate) fn method(&self, wanted: Method) -> Method {
        if self.numbers { Method::Nearest } else { wanted }
    }

    /// The same in the file's own grid.
    pub(crate) fn resampling(&self, wanted: Resampling) -> Resampling {
        if self.numbers { Resampling::Nearest } else { wanted }
    }

    /// What is made of the pixels; `stretch` of those that a picture cannot hold.
    pub(crate) fn drawing<'a>(&self, rendering: &'a cli::Rendering, stretch: bool) -> Drawing<'a> {
        let Drawing { ranges, colors, quality, .. } = rendering.drawing();
        Drawing { ranges, colors, quality, table: self.palette.clone(), alpha: self.alpha, stretch }
    }
}

fn shown(colors: &[ColorInterpretation]) -> Vec<usize> {
    use ColorInterpretation as C;
    let find = |color: C| colors.iter().position(|c| *c == color).map(|i| i + 1);
    match (find(C::Red), find(C::Green), find(C::Blue)) {
        (Some(red), Some(green), Some(blue)) => vec![red, green, blue],
        _ => vec![1],
    }
}
