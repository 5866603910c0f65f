//! How much is held while values are counted.

use super::table::Table;

/// Source rows that are kept; where an output row is made from more, they are counted as they come.
const ROWS: f64 = 32.0;

/// True if so few source rows make an output row that they are kept.
pub(crate) fn keeps_rows(ratio: f64) -> bool {
    ratio <= ROWS
}

/// About how much counting takes for so many output columns of so many source columns and rows each.
pub(crate) fn held_bytes(sample_size: usize, columns: u64, across: f64, down: f64) -> u64 {
    let (across, down) = (across + 2.0, down + 2.0);
    if keeps_rows(down - 2.0) {
        return columns.saturating_mul((across * down) as u64).saturating_mul(sample_size as u64 + 1);
    }
    columns.saturating_mul(Table::<u8>::most_bytes(sample_size, (across * down) as u64)).saturating_mul(2)
}
