//! A registered CRS as a definition.

use super::conversions::conversion;
use super::datums::{datum_at, vertical_datum_at};
use super::systems::system;
use super::table::{self, Section, identifier, some_text};
use super::{Kind, Row};
use crate::model::{Body, Compound, Conversion, Engineering, Geodetic, Projected, Usage, Vertical};

impl Row {
    /// The whole definition; none of those that are text.
    pub(crate) fn plain_body(self) -> Option<Body> {
        let record = self.record();
        Some(match self.kind() {
            Kind::Geographic2d | Kind::Geographic3d | Kind::Geocentric => Body::Geodetic(Box::new(self.geodetic())),
            Kind::Projected if self.text_definition().is_some() => return None,
            Kind::Projected => Body::Projected(Box::new(Projected {
                name: self.name().into(),
                base: Row(record.u32(16)).geodetic(),
                conversion: self.conversion(),
                cs: system(record.u32(12)),
                usages: self.usages(),
                id: Some(self.id()),
            })),
            Kind::Vertical => Body::Vertical(Box::new(Vertical {
                name: self.name().into(),
                datum: vertical_datum_at(record.u32(16)),
                cs: system(record.u32(12)),
                usages: self.usages(),
                id: Some(self.id()),
            })),
            Kind::Compound => Body::Compound(Box::new(Compound {
                name: self.name().into(),
                horizontal: Row(record.u32(16)).plain_body()?,
                vertical: Row(record.u32(20)).plain_body()?,
                usages: self.usages(),
                id: Some(self.id()),
            })),
            Kind::Engineering => {
                let datum = table::record(Section::EngineeringDatums, record.u32(16));
                Body::Engineering(Box::new(Engineering {
                    name: self.name().into(),
                    datum: datum.text(20).into(),
                    datum_id: Some(identifier(datum.u8(44), datum.u32(16))),
                    anchor: some_text(datum.text(32)),
                    cs: system(record.u32(12)),
                    usages: self.usages(),
                    id: Some(self.id()),
                }))
            }
        })
    }

    /// A conversion without a name of its own has that of its CRS.
    fn conversion(self) -> Conversion {
        let found = conversion(self.record().u32(20));
        if found.name == "unnamed" { Conversion { name: self.name().into(), ..found } } else { found }
    }

    fn geodetic(self) -> Geodetic {
        let record = self.record();
        Geodetic {
            name: self.name().into(),
            datum: datum_at(record.u32(16)),
            cs: system(record.u32(12)),
            usages: self.usages(),
            id: Some(self.id()),
        }
    }

    /// Where it is meant to be used.
    pub(crate) fn usages(self) -> Vec<Usage> {
        let record = self.record();
        let first = record.u32(24);
        // The count stands in one byte after the kind's; two at most.
        (first..first + u32::from(record.u8(31)))
            .map(|row| {
                let usage = table::record(Section::Usages, row);
                let extent = table::record(Section::Extents, u32::from(usage.u16(0)));
                let bbox = [extent.f64(0), extent.f64(8), extent.f64(16), extent.f64(24)];
                Usage {
                    scope: table::record(Section::Scopes, u32::from(usage.u16(2))).text(0).into(),
                    area: extent.text(32).into(),
                    bbox: bbox.iter().all(|n| !n.is_nan()).then_some(bbox),
                }
            })
            .collect()
    }
}
