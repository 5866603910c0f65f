//! What bands of files are called in expressions.

use cog_expression::{BandNames, Expression};
use cog_read::Cog;

use crate::composite::Composite;
use crate::composite::reader::Reader;
use crate::error::{Error, Result};

/// A band of a file with several.
pub(super) fn numbered(file: &str, band: usize) -> String {
    format!("{file}_b{band}")
}

/// What the bands of files are called in expressions; and of each band the file, and its number there.
pub(super) fn band_names(readers: &[Reader], cogs: &[Cog]) -> Result<(BandNames, Vec<(usize, usize)>)> {
    let (mut names, mut bands) = (BandNames::default(), Vec::new());
    for (file, (reader, cog)) in readers.iter().zip(cogs).enumerate() {
        let layout = cog.tiles([]).layout().map_err(|e| Error::from(e).of_reader(reader.shared_name()))?;
        if layout.bands.len() == 1 {
            names = names.with(reader.name(), bands.len());
        }
        for band in layout.bands {
            names = names.with(numbered(reader.name(), band), bands.len());
            bands.push((file, band));
        }
    }
    Ok((names, bands))
}

impl Composite {
    /// The files that an expression names, none of which need be open: by their names, or by `NAME_b1` and so on for their bands.
    ///
    /// # Errors
    /// Names that are those of no file.
    pub fn named_by(&self, expression: &Expression) -> Result<Composite> {
        let mut names = BandNames::new(self.names().enumerate().map(|(index, name)| (name, index)));
        for name in expression.names() {
            // How many bands a file has is not known yet.
            let Some((file, band)) = name.rsplit_once('_').filter(|(_, band)| band.len() > 1) else { continue };
            let is_band = band.starts_with(['b', 'B']) && band.bytes().skip(1).all(|digit| digit.is_ascii_digit());
            if let Some(index) = names.find(file).filter(|_| is_band && names.find(name).is_none()) {
                names = names.with(name, index);
            }
        }
        let program = expression.bind(&names)?;
        let mut index = 0;
        Ok(self.filter(|_| {
            index += 1;
            program.bands().contains(&(index - 1))
        }))
    }
}
