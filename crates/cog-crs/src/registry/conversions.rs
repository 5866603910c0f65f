//! Map projections with their parameters.

use super::table::{self, Section, identifier};
use super::units::unit;
use crate::model::{Conversion, Method, Parameter, ParameterValue};

pub(super) fn conversion(row: u32) -> Conversion {
    let record = table::record(Section::Conversions, row);
    let method = table::record(Section::Methods, u32::from(record.u16(12)));
    let first = record.u32(8);
    let parameters = (first..first + u32::from(record.u8(14))).map(|row| {
        let value = table::record(Section::Values, row);
        let parameter = table::record(Section::Parameters, u32::from(value.u16(8)));
        Parameter {
            name: parameter.text(4).into(),
            value: ParameterValue::Number(value.f64(0), unit(u32::from(value.u16(10)))),
            id: Some(identifier(parameter.u8(8), parameter.u32(0))),
        }
    });
    Conversion {
        name: record.text(4).into(),
        parameters: parameters.collect(),
        method: Method { name: method.text(4).into(), id: Some(identifier(method.u8(8), method.u32(0))) },
        id: Some(identifier(record.u8(15), record.u32(0))),
    }
}

/// A map projection by its EPSG code: 16033 is UTM zone 33N.
pub(crate) fn conversion_by_code(code: u32) -> Option<Conversion> {
    table::find(Section::Conversions, (15, 0), "EPSG", &code.to_string()).map(conversion)
}
