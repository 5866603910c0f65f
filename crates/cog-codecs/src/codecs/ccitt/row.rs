//! One row as run lengths, from codes to pixels.
//!
//! What a broken row comes to is what libtiff makes of it: a code that there is not ends the row, what it lacks is white,
//! what it has too much is cut.

use std::collections::TryReserveError;

use super::bits::{Bits, EndOfData};
use super::codes::{BLACK_BITS, BLACK_RUNS, MODE_BITS, MODE_TABLE, Mode, Run, RunCode, WHITE_BITS, WHITE_RUNS};

/// Why a row did not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    EndOfData,
    /// More runs than a row can have.
    TooManyRuns,
    /// The code that announces uncompressed data, where the file says that there is such.
    Uncompressed,
}

impl From<EndOfData> for Stop {
    fn from(_: EndOfData) -> Self {
        Self::EndOfData
    }
}

/// Run lengths of the row being decoded and of that above, white first; kept between blocks.
#[derive(Debug, Default)]
pub(super) struct Runs {
    this: Vec<u32>,
    above: Vec<u32>,
    /// No run beyond this place was ever set.
    used: usize,
    /// Runs that a row may have.
    limit: usize,
}

impl Runs {
    /// Makes room for rows of `width` pixels, from at most `bits` bits; the row above is white.
    pub(super) fn begin(&mut self, width: u32, two_dimensional: bool, bits: usize) -> Result<(), TryReserveError> {
        for runs in [&mut self.this, &mut self.above] {
            let used = self.used.min(runs.len());
            runs.get_mut(..used).unwrap_or_default().fill(0);
        }
        // libtiff's measure of how many runs are too many. Every run takes a bit, but for those that finish a row.
        self.limit = (width as usize).saturating_add(32) / 32 * if two_dimensional { 64 } else { 32 };
        let room = self.limit.min(bits.saturating_add(64));
        for runs in [&mut self.this, &mut self.above] {
            if runs.len() < room {
                runs.try_reserve_exact(room - runs.len())?;
                runs.resize(room, 0);
            }
        }
        self.used = 1;
        if let Some(first) = self.above.first_mut() {
            *first = width;
        }
        Ok(())
    }

    /// A new row, to the right of nothing.
    pub(super) fn row(&mut self, width: u32) -> Row<'_> {
        let Self { this, above, used, limit } = self;
        let first = above.first().copied().unwrap_or(0) as i32;
        Row { this, above, used, limit: *limit, len: 0, at: 0, pending: 0, width: width as i32, next: 1, change: first }
    }

    /// The row just decoded becomes that above.
    pub(super) fn swap(&mut self) {
        std::mem::swap(&mut self.this, &mut self.above);
    }
}

/// A row in the making.
pub(super) struct Row<'a> {
    this: &'a mut [u32],
    above: &'a [u32],
    used: &'a mut usize,
    limit: usize,
    /// Runs so far.
    len: usize,
    /// Pixels so far: a0 of T.6.
    at: i32,
    /// Pixels of a run that is not complete.
    pending: i32,
    width: i32,
    /// Which run above is the next, and the change it begins with: b1 of T.6.
    next: usize,
    change: i32,
}

impl Row<'_> {
    #[inline(always)]
    fn set(&mut self, pixels: i32) -> Result<(), Stop> {
        if self.len >= self.limit {
            return Err(Stop::TooManyRuns);
        }
        let run = self.this.get_mut(self.len).ok_or(Stop::TooManyRuns)?;
        *run = self.pending.wrapping_add(pixels) as u32;
        self.len += 1;
        self.at = self.at.wrapping_add(pixels);
        self.pending = 0;
        Ok(())
    }

    /// A whole run of one colour; what it was that ended it.
    #[inline(always)]
    fn run<const BITS: u32>(&mut self, bits: &mut Bits<'_>, table: &[RunCode]) -> Result<Run, Stop> {
        loop {
            let Some(&code) = table.get(bits.peek(BITS)?) else { return Ok(Run::Bad) };
            bits.skip(code.len());
            match code.kind() {
                Run::Terminating => {
                    self.set(code.pixels())?;
                    return Ok(Run::Terminating);
                }
                Run::MakeUp => {
                    self.at = self.at.wrapping_add(code.pixels());
                    self.pending = self.pending.wrapping_add(code.pixels());
                }
                other => return Ok(other),
            }
        }
    }

    #[inline(always)]
    fn white(&mut self, bits: &mut Bits<'_>) -> Result<Run, Stop> {
        self.run::<WHITE_BITS>(bits, &WHITE_RUNS)
    }

    #[inline(always)]
    fn black(&mut self, bits: &mut Bits<'_>) -> Result<Run, Stop> {
        self.run::<BLACK_BITS>(bits, &BLACK_RUNS)
    }

    /// Reads a row of one-dimensional coding (T.4 section 4.1); whether an end-of-line code ended it.
    pub(super) fn expand_1d(&mut self, bits: &mut Bits<'_>) -> Result<bool, Stop> {
        // A copy the compiler can hold in registers.
        let mut copy = *bits;
        let result = self.expand_1d_from(&mut copy);
        *bits = copy;
        if result == Err(Stop::EndOfData) {
            self.finish()?;
        }
        let ended = result?;
        self.finish()?;
        Ok(ended)
    }

    #[inline(always)]
    fn expand_1d_from(&mut self, bits: &mut Bits<'_>) -> Result<bool, Stop> {
        loop {
            let end = self.white(bits)?;
            if end != Run::Terminating || self.at >= self.width {
                return Ok(end == Run::EndOfLine);
            }
            let end = self.black(bits)?;
            if end != Run::Terminating || self.at >= self.width {
                return Ok(end == Run::EndOfLine);
            }
            // Two runs of nothing, as some encoders begin a row, are none.
            if self.len >= 2 && self.this.get(self.len - 2..self.len) == Some(&[0, 0]) {
                self.len -= 2;
            }
        }
    }

    /// Where the run above begins that is to be compared with.
    #[inline(always)]
    fn find_change(&mut self) -> Result<(), Stop> {
        if self.len == 0 {
            return Ok(());
        }
        while self.change <= self.at && self.change < self.width {
            let pair = self.above_at(0)?.wrapping_add(self.above_at(1)?);
            self.change = self.change.wrapping_add(pair);
            self.next += 2;
        }
        Ok(())
    }

    #[inline(always)]
    fn above_at(&self, offset: usize) -> Result<i32, Stop> {
        match self.above.get(self.next + offset) {
            Some(&run) if self.next + offset < self.limit => Ok(run as i32),
            // Never set: the row above took fewer bits than that.
            None if self.next + offset < self.limit => Ok(0),
            _ => Err(Stop::TooManyRuns),
        }
    }

    #[inline(always)]
    fn step(&mut self) -> Result<(), Stop> {
        self.change = self.change.wrapping_add(self.above_at(0)?);
        self.next += 1;
        Ok(())
    }

    /// Reads a row of two-dimensional coding (T.6 section 2.2); whether an end-of-line code ended it.
    pub(super) fn expand_2d(&mut self, bits: &mut Bits<'_>, uncompressed: bool) -> Result<bool, Stop> {
        let mut copy = *bits;
        let result = self.expand_2d_from(&mut copy, uncompressed);
        *bits = copy;
        if result == Err(Stop::EndOfData) {
            self.finish()?;
        }
        let ended = result?;
        self.finish()?;
        Ok(ended)
    }

    #[inline(always)]
    fn expand_2d_from(&mut self, bits: &mut Bits<'_>, uncompressed: bool) -> Result<bool, Stop> {
        while self.at < self.width {
            if self.len >= self.limit {
                return Err(Stop::TooManyRuns);
            }
            let index = bits.peek(MODE_BITS)?;
            let Some(&(mode, len)) = MODE_TABLE.get(index) else { return Ok(false) };
            bits.skip(u32::from(len));
            match mode {
                Mode::Vertical(by) if by >= 0 => {
                    self.find_change()?;
                    self.set(self.change.wrapping_sub(self.at).wrapping_add(i32::from(by)))?;
                    self.step()?;
                }
                Mode::Vertical(by) => {
                    self.find_change()?;
                    if self.change < self.at.wrapping_sub(i32::from(by)) {
                        return Ok(false);
                    }
                    self.set(self.change.wrapping_sub(self.at).wrapping_add(i32::from(by)))?;
                    // The change before may be right of the one just set as well.
                    self.next = self.next.checked_sub(1).ok_or(Stop::TooManyRuns)?;
                    self.change = self.change.wrapping_sub(self.above_at(0)?);
                }
                Mode::Horizontal => {
                    let black_first = self.len % 2 == 1;
                    let first = if black_first { self.black(bits)? } else { self.white(bits)? };
                    if first != Run::Terminating {
                        return Ok(false);
                    }
                    let second = if black_first { self.white(bits)? } else { self.black(bits)? };
                    if second != Run::Terminating {
                        return Ok(false);
                    }
                    self.find_change()?;
                }
                Mode::Pass => {
                    self.find_change()?;
                    self.above_at(1)?;
                    self.step()?;
                    self.pending = self.pending.wrapping_add(self.change.wrapping_sub(self.at));
                    self.at = self.change;
                    self.step()?;
                }
                Mode::Extension if uncompressed => return Err(Stop::Uncompressed),
                Mode::Extension => {
                    self.rest_of_row()?;
                    return Ok(false);
                }
                Mode::EndOfLine => {
                    self.rest_of_row()?;
                    bits.peek(4)?;
                    bits.skip(4);
                    return Ok(true);
                }
            }
        }
        if self.pending != 0 {
            if self.pending.wrapping_add(self.at) < self.width {
                // One more change straight above is expected.
                if bits.peek(1)? == 0 {
                    return Ok(false);
                }
                bits.skip(1);
            }
            self.set(0)?;
        }
        Ok(false)
    }

    /// A run to the end of the row, which does not count as pixels that were decoded.
    fn rest_of_row(&mut self) -> Result<(), Stop> {
        let (at, pending) = (self.at, self.pending);
        self.pending = 0;
        self.set(self.width.wrapping_sub(at))?;
        (self.at, self.pending) = (at, pending);
        Ok(())
    }

    /// Remembers how far runs were set: two may have been taken back, one is imaginary.
    fn note_used(&mut self) {
        *self.used = (*self.used).max(self.len + 3);
    }

    /// Whether there is no room for one more run.
    pub(super) fn is_full(&self) -> bool {
        self.len >= self.limit
    }

    /// Completes the runs to the width of the row.
    fn finish(&mut self) -> Result<(), Stop> {
        self.note_used();
        if self.pending != 0 {
            self.set(0)?;
        }
        if self.at == self.width {
            return Ok(());
        }
        while self.at > self.width && self.len > 0 {
            self.len -= 1;
            let run = self.this.get(self.len).copied().unwrap_or(0);
            self.at = self.at.wrapping_sub(run as i32);
        }
        if self.at < self.width {
            self.at = self.at.max(0);
            if self.len % 2 == 1 {
                self.set(0)?;
            }
            self.set(self.width.wrapping_sub(self.at))?;
        } else if self.at > self.width {
            self.set(self.width)?;
            self.set(0)?;
        }
        Ok(())
    }

    /// Writes 1 where the row is black; runs that lead beyond its end are cut, for the row below as well.
    pub(super) fn paint(&mut self, pixels: &mut [u8]) {
        let width = self.width as u32;
        let mut x = 0u32;
        let cut = |x: u32, run: &mut u32| {
            if x.wrapping_add(*run) > width || *run > width {
                *run = width - x;
            }
            x + *run
        };
        // An imaginary change, which the row below may look at.
        if let Some(beyond) = self.this.get_mut(self.len) {
            *beyond = 0;
        }
        self.note_used();
        let len = self.len.next_multiple_of(2).min(self.this.len());
        let runs = self.this.get_mut(..len).unwrap_or_default();
        for [white, black] in runs.as_chunks_mut::<2>().0 {
            x = cut(x, white);
            let end = cut(x, black);
            if let Some(run) = pixels.get_mut(x as usize..end as usize) {
                run.fill(1);
            }
            x = end;
        }
    }
}
