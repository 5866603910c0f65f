//! Other names: ESRI's mostly.

use super::table::{self, Section};
use crate::model::{name_hash, same_name};

/// What an alias names: numbers of the generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aliased {
    Unit = 0,
    Ellipsoid = 1,
    GeodeticDatum = 3,
    Crs = 5,
}

/// Rows that a name is another name of.
pub(super) fn aliases(kind: Aliased, name: &str) -> impl Iterator<Item = u32> {
    let hash = name_hash(name);
    let key = |row: u32| {
        let record = table::record(Section::Aliases, row);
        (record.u8(12), record.u32(0))
    };
    let wanted = (kind as u8, hash);
    let (mut low, mut high) = (0, table::count(Section::Aliases));
    while low < high {
        let middle = low + (high - low) / 2;
        if key(middle) < wanted { low = middle + 1 } else { high = middle }
    }
    let name = name.to_string();
    (low..table::count(Section::Aliases)).take_while(move |row| key(*row) == wanted).filter_map(move |row| {
        let record = table::record(Section::Aliases, row);
        same_name(record.text(8), &name).then(|| record.u32(4))
    })
}
