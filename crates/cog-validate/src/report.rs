//! What a check found.

use crate::rule::{Authority, Rule, Severity};

/// Findings that are kept of one verdict; more are counted. Some rules ask something of every block.
pub const MOST_FINDINGS: usize = 10_000;

/// One place where a rule is broken.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// In which image of the file; `None` for the file as a whole.
    pub image: Option<ImagePlace>,
    /// Column and row of the block in the grid of its image.
    pub block: Option<[u64; 2]>,
    /// What is wrong, in a sentence with the numbers.
    pub text: String,
    /// The numbers, by name: offsets and sizes in bytes, widths and heights in pixels.
    pub numbers: Vec<(&'static str, u64)>,
    /// What can be done about it here, where that is not what can be done about the rule in general.
    pub(crate) remedy: Option<String>,
}

/// One image of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImagePlace {
    /// Its IFD, counted from 0 in the order of [`Tiff::ifds`](cog_tiff::Tiff::ifds).
    pub ifd: usize,
    /// Its level: 0 is full resolution, 1 and on the overviews. `None` for an IFD that is neither.
    pub level: Option<usize>,
    /// Whether it is the mask of that level.
    pub mask: bool,
    /// Whether it lies in the file of overviews beside the image.
    pub beside: bool,
}

/// What one authority says of a file.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// What makes the file invalid, in the authority's order; at most [`MOST_FINDINGS`].
    pub errors: Vec<Finding>,
    /// What it warns of.
    pub warnings: Vec<Finding>,
    /// How many errors there are, those that are not kept included.
    pub error_count: u64,
    /// How many warnings there are.
    pub warning_count: u64,
}

impl Verdict {
    /// Whether the file is valid. `strict` counts warnings as errors.
    pub fn is_valid(&self, strict: bool) -> bool {
        self.error_count == 0 && !(strict && self.warning_count > 0)
    }

    /// Errors, then warnings.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.errors.iter().chain(&self.warnings)
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        let (list, count) = match finding.rule.severity() {
            Severity::Error => (&mut self.errors, &mut self.error_count),
            _ => (&mut self.warnings, &mut self.warning_count),
        };
        *count += 1;
        if list.len() < MOST_FINDINGS {
            list.push(finding);
        }
    }
}

/// Everything that was found out about a file.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// What `rio cogeo validate` says.
    pub rio_cogeo: Verdict,
    /// What GDAL's validator says; with [`full`](Self::full) that of its full check.
    pub gdal: Verdict,
    /// What OGC 21-026 asks for, taken by its letter.
    pub ogc: Verdict,
    /// What would make the file better to read, or looks like a mistake.
    pub advice: Vec<Finding>,
    /// Whether every block was looked at, or the header alone.
    pub full: bool,
    /// Bytes of the file, where the store tells.
    pub size: Option<u64>,
    /// End of the last IFD and of the values of its tags, tables of blocks left out.
    pub header_bytes: u64,
    /// Bytes of all tables of blocks.
    pub table_bytes: u64,
    /// Blocks of all images and masks.
    pub blocks: u64,
}

impl Report {
    /// The verdict of an authority; `None` for [`Authority::Advice`], which has none.
    pub fn verdict(&self, authority: Authority) -> Option<&Verdict> {
        match authority {
            Authority::RioCogeo => Some(&self.rio_cogeo),
            Authority::Gdal => Some(&self.gdal),
            Authority::Ogc => Some(&self.ogc),
            Authority::Advice => None,
        }
    }
}

impl Finding {
    /// About the file as a whole.
    pub(crate) fn new(rule: Rule, text: impl Into<String>) -> Finding {
        Finding { rule, image: None, block: None, text: text.into(), numbers: Vec::new(), remedy: None }
    }

    /// What can be done about it, where that is not to lay the file out anew.
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref().or(self.rule.remedy())
    }

    pub(crate) fn of(mut self, image: ImagePlace) -> Finding {
        self.image = Some(image);
        self
    }

    pub(crate) fn at(mut self, x: u64, y: u64) -> Finding {
        self.block = Some([x, y]);
        self
    }

    pub(crate) fn with(mut self, name: &'static str, number: u64) -> Finding {
        self.numbers.push((name, number));
        self
    }
}

impl ImagePlace {
    /// What people call it.
    pub fn name(&self) -> String {
        let image = match self.level {
            None => format!("IFD {}", self.ifd),
            Some(0) => "the image".into(),
            Some(level) => format!("overview {level}"),
        };
        if self.mask && self.level.is_some() { format!("the mask of {image}") } else { image }
    }
}
