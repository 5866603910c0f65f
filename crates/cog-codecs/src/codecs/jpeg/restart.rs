//! Restart intervals (T.81 E.2.4).

use crate::codecs::jpeg::bit_reader::BitReader;
use crate::codecs::jpeg::name::NAME;
use crate::error::{Error, Result};

/// Counts MCUs up to the next restart marker.
#[derive(Debug, Clone)]
pub(super) struct Restart {
    /// MCUs between markers, 0 for no markers.
    interval: usize,
    left: usize,
    next: u8,
}

impl Restart {
    pub(super) fn every(interval: usize) -> Self {
        Self { interval, left: interval, next: 0 }
    }

    /// Counts one MCU; whether a marker comes before it.
    #[inline(always)]
    pub(super) fn is_due(&mut self) -> bool {
        if self.interval == 0 {
            return false;
        }
        if self.left == 0 {
            self.left = self.interval - 1;
            return true;
        }
        self.left -= 1;
        false
    }

    /// Goes over the marker.
    #[inline(never)]
    pub(super) fn pass(&mut self, reader: &mut BitReader<'_>) -> Result<()> {
        if reader.overrun() {
            return Err(Error::corrupt(NAME, "the stream ends too early"));
        }
        match reader.restart() {
            Some(number) if number == self.next => {}
            Some(number) => {
                return Err(Error::corrupt(NAME, format!("restart marker {number} where {} is due", self.next)));
            }
            None => return Err(Error::corrupt(NAME, format!("no restart marker {} where one is due", self.next))),
        }
        self.next = (self.next + 1) & 7;
        Ok(())
    }
}
