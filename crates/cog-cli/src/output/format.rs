//! What pixels are written as, and by which endings people name it.

use std::path::Path;

use clap::ValueEnum;
use cog_read::tiff::SampleType;

use crate::output::destination::Format;

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    Npy,
    Tif,
    Png,
    #[value(name = "jpg", alias = "jpeg")]
    Jpeg,
    Webp,
}

use FileFormat::{Jpeg, Npy, Png, Tif, Webp};

/// All that can be written.
const ALL: [FileFormat; 5] = [Npy, Tif, Png, Jpeg, Webp];

/// How those files may be named.
const OF_ALL: Format =
    Format { name: "NumPy, GeoTIFF, PNG, JPEG, WebP", endings: &["npy", "tif", "tiff", "png", "jpg", "jpeg", "webp"] };

impl FileFormat {
    /// What an output of this name is written as: as `given`, as its ending says, else as `usual`. With the endings that it may have.
    pub(crate) fn of(path: &Path, given: Option<FileFormat>, usual: FileFormat) -> (FileFormat, Format) {
        if let Some(given) = given {
            return (given, given.named());
        }
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let found = ALL.into_iter().find(|format| {
            format.named().endings.iter().any(|known| ending.as_ref().is_some_and(|ending| ending == known))
        });
        (found.unwrap_or(usual), OF_ALL)
    }

    /// Its name and its endings.
    fn named(self) -> Format {
        match self {
            Npy => Format { name: "NumPy", endings: &["npy"] },
            Tif => Format { name: "GeoTIFF", endings: &["tif", "tiff"] },
            Png => Format { name: "PNG", endings: &["png"] },
            Jpeg => Format { name: "JPEG", endings: &["jpg", "jpeg"] },
            Webp => Format { name: "WebP", endings: &["webp"] },
        }
    }

    /// Its name for people.
    pub(crate) fn name(self) -> &'static str {
        self.named().name
    }

    /// Whether it shows colours.
    pub(crate) fn is_picture(self) -> bool {
        !matches!(self, Npy | Tif)
    }

    /// Whether samples of this type are written as they are.
    pub(crate) fn holds(self, sample: SampleType) -> bool {
        match self {
            Npy | Tif => true,
            Png => matches!(sample, SampleType::U8 | SampleType::U16),
            Jpeg | Webp => sample == SampleType::U8,
        }
    }

    /// Pixels along a side, at most.
    pub(crate) fn longest_side(self) -> usize {
        match self {
            Npy | Tif => usize::MAX,
            Png => i32::MAX as usize,
            // libjpeg goes no further.
            Jpeg => 65_500,
            Webp => 16_383,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, given: Option<FileFormat>) -> FileFormat {
        FileFormat::of(Path::new(path), given, Npy).0
    }

    #[test]
    fn an_ending_names_the_format_and_an_option_overrules_it() {
        for (path, format) in [
            ("a.tif", Tif),
            ("a.png", Png),
            ("a.PNG", Png),
            ("a.JPG", Jpeg),
            ("b.jpeg", Jpeg),
            ("c.webp", Webp),
            ("d.npy", Npy),
            ("e", Npy),
            ("-", Npy),
        ] {
            assert_eq!(of(path, None), format, "{path}");
        }
        assert_eq!(of("-", Some(Webp)), Webp);
        assert_eq!(of("a.npy", Some(Png)), Png);
    }
}
