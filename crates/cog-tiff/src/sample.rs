//! Data types of samples: as the file stores them and as a reader delivers them.

/// Tag 339, TIFF 6.0 section 19 and libtiff's complex formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SampleFormat {
    /// 1: unsigned integer. The default.
    Uint,
    /// 2: two's complement integer.
    Int,
    /// 3: IEEE floating point.
    Float,
    /// 4: undefined; read as unsigned integer.
    Void,
    /// 5: complex of two integers.
    ComplexInt,
    /// 6: complex of two floating point numbers.
    ComplexFloat,
    /// A value that neither TIFF nor libtiff defines.
    Other(u16),
}

impl SampleFormat {
    /// From the tag's value.
    pub fn from_code(code: u16) -> Self {
        match code {
            1 => Self::Uint,
            2 => Self::Int,
            3 => Self::Float,
            4 => Self::Void,
            5 => Self::ComplexInt,
            6 => Self::ComplexFloat,
            n => Self::Other(n),
        }
    }

    /// The tag's value.
    pub fn code(self) -> u16 {
        match self {
            Self::Uint => 1,
            Self::Int => 2,
            Self::Float => 3,
            Self::Void => 4,
            Self::ComplexInt => 5,
            Self::ComplexFloat => 6,
            Self::Other(n) => n,
        }
    }
}

/// The type a reader delivers samples in.
///
/// Packed depths (1–7, 9–15, 17–31 bits) widen to the next integer, 16- and 24-bit floats to `F32`,
/// complex integers to `Complex32` (GDAL and rasterio do the same); values are never scaled. Signed samples of a packed depth come
/// as the unsigned number that their bits are, and complex formats of 8 and 16 bits (of `ComplexFloat` 32 too) as unsigned
/// integers: GDAL does so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum SampleType {
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
    /// Two `f32`.
    Complex32,
    /// Two `f64`.
    Complex64,
}

impl SampleType {
    /// What samples of `format` with `bits` bits are delivered as; `None` where GDAL refuses as well.
    pub fn of(format: SampleFormat, bits: u16) -> Option<Self> {
        Some(match (format, bits) {
            (SampleFormat::Int, 8) => Self::I8,
            (SampleFormat::Int, 16) => Self::I16,
            (SampleFormat::Int, 32) => Self::I32,
            (SampleFormat::Int, 64) => Self::I64,
            (SampleFormat::Uint | SampleFormat::Void | SampleFormat::Int, 1..=8) => Self::U8,
            (SampleFormat::Uint | SampleFormat::Void | SampleFormat::Int, 9..=16) => Self::U16,
            (SampleFormat::Uint | SampleFormat::Void | SampleFormat::Int, 17..=32) => Self::U32,
            (SampleFormat::Uint | SampleFormat::Void, 64) => Self::U64,
            (SampleFormat::ComplexInt | SampleFormat::ComplexFloat, 1 | 8) => Self::U8,
            (SampleFormat::ComplexInt | SampleFormat::ComplexFloat, 16) => Self::U16,
            (SampleFormat::ComplexFloat, 32) => Self::U32,
            (SampleFormat::Float, 16 | 24 | 32) => Self::F32,
            (SampleFormat::Float, 64) => Self::F64,
            (SampleFormat::ComplexInt, 32 | 64) => Self::Complex32,
            (SampleFormat::ComplexFloat, 64) => Self::Complex32,
            (SampleFormat::ComplexFloat, 128) => Self::Complex64,
            _ => return None,
        })
    }

    /// True for numbers of two parts.
    pub fn is_complex(self) -> bool {
        matches!(self, Self::Complex32 | Self::Complex64)
    }

    /// Bytes of one sample.
    pub fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 | Self::Complex32 => 8,
            Self::Complex64 => 16,
        }
    }

    /// True for the integers, signed or not.
    pub fn is_integer(self) -> bool {
        !matches!(self, Self::F32 | Self::F64 | Self::Complex32 | Self::Complex64)
    }

    /// NumPy's name of the type: `uint8`, `float32`, `complex64` …
    pub fn name(self) -> &'static str {
        match self {
            Self::U8 => "uint8",
            Self::U16 => "uint16",
            Self::U32 => "uint32",
            Self::U64 => "uint64",
            Self::I8 => "int8",
            Self::I16 => "int16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::F32 => "float32",
            Self::F64 => "float64",
            Self::Complex32 => "complex64",
            Self::Complex64 => "complex128",
        }
    }
}

impl std::fmt::Display for SampleType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
