//! Expressions over the bands of a file: which bands they need, and what becomes of them.

use anyhow::Context as _;
use cog_expression::{Band, BandNames, Error, Program};
use cog_read::ndarray::{Array2, Axis};
use cog_read::{Cog, Points, Raster};

use crate::cli;

/// The expressions of a command, tied to the bands of a file.
pub(crate) struct Expressions {
    program: Program,
    location: String,
    /// Bytes of an output, at most.
    limit: u64,
}

impl Expressions {
    /// Those that were asked for, if any.
    ///
    /// # Errors
    /// Names that are none of the file's bands.
    pub(crate) fn of(
        cog: &Cog,
        selection: &cli::Selection,
        tuning: &cli::Tuning,
    ) -> anyhow::Result<Option<Expressions>> {
        let Some(expression) = &selection.expression else { return Ok(None) };
        let location = cog.location().to_string();
        let program = expression.bind(&names(cog)?).with_context(|| format!("{location}: --expression"))?;
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        let program = program.threads(tuning.threads.map_or_else(all, usize::from));
        Ok(Some(Expressions { program, location, limit: cog.session().limits().max_output_bytes }))
    }

    /// The bands to read, counted from 1.
    pub(crate) fn bands(&self) -> impl Iterator<Item = usize> + '_ {
        self.program.bands().iter().map(|band| band + 1)
    }

    /// The text of each.
    pub(crate) fn texts(&self) -> &[String] {
        self.program.texts()
    }

    /// Over a raster that holds these bands.
    ///
    /// # Errors
    /// An output larger than allowed, and complex samples that are no numbers.
    pub(crate) fn apply(&self, raster: &Raster) -> anyhow::Result<Raster> {
        let (_, rows, columns) = raster.dim();
        let pixels = (rows as u64).saturating_mul(columns as u64);
        let bytes = pixels.saturating_mul(5).saturating_mul(self.program.texts().len() as u64);
        if bytes > self.limit {
            let what = "result of --expression";
            let location = self.location.as_str().into();
            return Err(cog_read::Error::TooLarge { location, what, bytes, limit: self.limit }.into());
        }
        self.told(self.program.apply(raster))
    }

    /// Over the values at places, of these bands: each expression becomes a band.
    ///
    /// # Errors
    /// Complex samples that are no numbers.
    pub(crate) fn apply_to_points(&self, mut points: Points) -> anyhow::Result<Points> {
        let masks: Vec<_> = points.validity.outer_iter().map(|mask| mask.insert_axis(Axis(0))).collect();
        let bands = masks.iter().enumerate().map(|(band, mask)| Band::new(&points.values, band).mask(mask.view()));
        let found = self.told(self.program.evaluate(&bands.collect::<Vec<_>>()))?;
        let (count, _, places) = found.samples.dim();
        points.validity =
            Array2::from_shape_fn(
                (count, places),
                |(band, place)| if found.validity.is_valid(band, 0, place) { 255 } else { 0 },
            );
        points.values = found.samples.into();
        points.bands = (1..=count).collect();
        Ok(points)
    }

    fn told<T>(&self, result: Result<T, Error>) -> anyhow::Result<T> {
        result.with_context(|| format!("{}: --expression", self.location))
    }
}

/// `b1` to `bN`, and the names that the file itself gives to its bands.
fn names(cog: &Cog) -> anyhow::Result<BandNames> {
    let profile = cog.profile()?;
    let count = usize::from(profile.count);
    let mut names = BandNames::numbered(count);
    for band in 0..count {
        let name = profile.metadata.description(band as u32 + 1).map(str::trim);
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            names = names.with(name, band);
        }
    }
    Ok(names)
}
