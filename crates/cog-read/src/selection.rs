//! What every request for pixels can say, whatever it asks for: written once.

use std::sync::Arc;

use crate::progress::{Counter, ProgressHook};

/// Which samples a request reads, and who hears how far it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// From 1; all if nothing is said.
    pub(crate) bands: Option<Vec<usize>>,
    /// Colours stay as they are stored.
    pub(crate) raw_color: bool,
    /// The caller's nodata, instead of all that the file says about validity.
    pub(crate) nodata: Option<f64>,
    pub(crate) progress: Option<ProgressHook>,
}

impl Selection {
    pub(crate) fn counter(&self) -> Arc<Counter> {
        Arc::new(Counter::new(self.progress.clone()))
    }
}

/// The setters of a request whose [`Selection`] lies in this field.
macro_rules! selection_setters {
    ($($field:ident).+) => {
        /// Reads these bands, numbered from 1, in this order.
        pub fn bands(mut self, bands: impl IntoIterator<Item = usize>) -> Self {
            self.$($field).+.bands = Some(bands.into_iter().collect());
            self
        }

        /// Delivers samples as they are stored where GDAL would convert colours (8-bit CMYK, CIELab, YCbCr that is not JPEG).
        pub fn raw_color(mut self) -> Self {
            self.$($field).+.raw_color = true;
            self
        }

        /// Pixels of this value hold no data. It replaces what the file says, its mask and alpha band included. A value that the
        /// samples cannot have hides nothing.
        pub fn nodata(mut self, nodata: f64) -> Self {
            self.$($field).+.nodata = Some(nodata);
            self
        }

        /// Calls `hook` before the first block and after every block, from the threads that decode: it should be quick. Two calls
        /// may come at once, so the numbers of one may be behind those of the other.
        pub fn progress(mut self, hook: impl Fn($crate::ReadProgress) + Send + Sync + 'static) -> Self {
            self.$($field).+.progress = Some($crate::progress::ProgressHook(std::sync::Arc::new(hook)));
            self
        }
    };
}
pub(crate) use selection_setters;
