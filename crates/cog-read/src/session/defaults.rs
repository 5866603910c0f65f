//! How reads behave unless they say otherwise.

use cog_raster::OverviewStrategy;
use cog_raster::resample::OVERSAMPLING_VARIABLE;

use crate::error::Result;

/// How reads behave that do not say it themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ReadDefaults {
    /// Keep the part of a window that lies outside the image (`BOUNDLESS_READ`).
    pub boundless: bool,
    /// What fills it, instead of nodata or 0 (`BOUNDLESS_READ_FILL_VALUE`).
    pub fill: Option<f64>,
    /// How the level is chosen for a reduced output (`ZOOM_LEVEL_STRATEGY`).
    pub overviews: OverviewStrategy,
    /// How many times coarser than wanted a level may be under GDAL's rule (`GDAL_OVERVIEW_OVERSAMPLING_THRESHOLD`); 1.2 for
    /// nearest and 1.0 for the others unless set.
    pub oversampling: Option<f64>,
}

impl ReadDefaults {
    /// What the environment says. The variables are aiocogeo's, but what they would be if unset is not: GDAL chooses the
    /// level, and windows are cut to the image.
    ///
    /// # Errors
    /// A variable that cannot be understood.
    pub fn from_env() -> Result<ReadDefaults> {
        Self::from_names(|name| std::env::var(name).ok())
    }

    fn from_names(get: impl Fn(&str) -> Option<String>) -> Result<ReadDefaults> {
        let value = |name: &str| get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let wrong =
            |name: &'static str, text: &str, wanted| crate::Error::Setting { name, value: text.to_owned(), wanted };
        let number = |name: &'static str| match value(name) {
            None => Ok(None),
            Some(text) => text.parse::<f64>().map(Some).map_err(|_| wrong(name, &text, "a number")),
        };
        let boundless = match value("BOUNDLESS_READ") {
            None => false,
            Some(text) => match text.to_ascii_lowercase().as_str() {
                "yes" | "true" | "on" | "1" => true,
                "no" | "false" | "off" | "0" => false,
                _ => return Err(wrong("BOUNDLESS_READ", &text, "YES or NO")),
            },
        };
        let overviews = match value("ZOOM_LEVEL_STRATEGY") {
            None => OverviewStrategy::default(),
            Some(text) => text
                .parse()
                .map_err(|_| wrong("ZOOM_LEVEL_STRATEGY", &text, "AUTO, LOWER, UPPER or a percentage from 0 to 100"))?,
        };
        Ok(ReadDefaults {
            boundless,
            fill: number("BOUNDLESS_READ_FILL_VALUE")?,
            overviews,
            oversampling: number(OVERSAMPLING_VARIABLE)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<ReadDefaults> {
        ReadDefaults::from_names(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn aiocogeos_variables_are_understood() {
        let reads = from(&[
            ("BOUNDLESS_READ", "TRUE"),
            ("BOUNDLESS_READ_FILL_VALUE", "1"),
            ("ZOOM_LEVEL_STRATEGY", "lower"),
            ("GDAL_OVERVIEW_OVERSAMPLING_THRESHOLD", "1.5"),
        ]);
        let expected = ReadDefaults {
            boundless: true,
            fill: Some(1.0),
            overviews: OverviewStrategy::LOWER,
            oversampling: Some(1.5),
        };
        assert_eq!(reads.unwrap(), expected);
        assert_eq!(from(&[]).unwrap(), ReadDefaults::default());
        assert_eq!(from(&[("BOUNDLESS_READ", "")]).unwrap(), ReadDefaults::default());
    }

    #[test]
    fn a_variable_that_makes_no_sense_is_named() {
        for (name, value) in
            [("BOUNDLESS_READ", "maybe"), ("ZOOM_LEVEL_STRATEGY", "101"), ("BOUNDLESS_READ_FILL_VALUE", "x")]
        {
            let error = from(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(value), "{error}");
        }
    }
}
