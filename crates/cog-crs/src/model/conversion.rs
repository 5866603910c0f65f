use super::{Identifier, Text, Unit};

/// A map projection, or another way of computing coordinates, by name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Method {
    pub(crate) name: Text,
    pub(crate) id: Option<Identifier>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ParameterValue {
    Number(f64, Unit),
    File(Text),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: Text,
    pub(crate) value: ParameterValue,
    pub(crate) id: Option<Identifier>,
}

/// A method with its parameters: between geographic and projected coordinates, or from one datum to another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Conversion {
    pub(crate) name: Text,
    pub(crate) method: Method,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) id: Option<Identifier>,
}

impl Conversion {
    /// The value of an EPSG parameter in metres, radians or ones.
    pub(crate) fn si(&self, epsg: u32) -> Option<f64> {
        self.parameter(epsg).and_then(Parameter::si)
    }

    pub(crate) fn parameter(&self, epsg: u32) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.epsg() == Some(epsg))
    }

    /// The method's EPSG code.
    pub(crate) fn method_code(&self) -> Option<u32> {
        self.method.id.as_ref().and_then(Identifier::epsg_code)
    }
}

impl Parameter {
    pub(crate) fn epsg(&self) -> Option<u32> {
        self.id.as_ref().and_then(Identifier::epsg_code)
    }

    pub(crate) fn si(&self) -> Option<f64> {
        match &self.value {
            ParameterValue::Number(value, unit) => Some(value * unit.factor),
            ParameterValue::File(_) => None,
        }
    }
}
