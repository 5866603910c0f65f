//! Tag numbers and their names.

/// The number of a tag. Known ones have a constant and a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u16);

macro_rules! tags {
    ($($name:ident = $code:literal, $text:literal;)*) => {
        #[allow(missing_docs)]
        impl Tag {
            $(pub const $name: Tag = Tag($code);)*

            /// The tag's name in TIFF 6.0, GeoTIFF or the registry of its owner; `None` for an unknown one.
            pub fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

tags! {
    NEW_SUBFILE_TYPE = 254, "NewSubfileType";
    SUBFILE_TYPE = 255, "SubfileType";
    IMAGE_WIDTH = 256, "ImageWidth";
    IMAGE_LENGTH = 257, "ImageLength";
    BITS_PER_SAMPLE = 258, "BitsPerSample";
    COMPRESSION = 259, "Compression";
    PHOTOMETRIC = 262, "PhotometricInterpretation";
    THRESHHOLDING = 263, "Threshholding";
    CELL_WIDTH = 264, "CellWidth";
    CELL_LENGTH = 265, "CellLength";
    FILL_ORDER = 266, "FillOrder";
    DOCUMENT_NAME = 269, "DocumentName";
    IMAGE_DESCRIPTION = 270, "ImageDescription";
    MAKE = 271, "Make";
    MODEL = 272, "Model";
    STRIP_OFFSETS = 273, "StripOffsets";
    ORIENTATION = 274, "Orientation";
    SAMPLES_PER_PIXEL = 277, "SamplesPerPixel";
    ROWS_PER_STRIP = 278, "RowsPerStrip";
    STRIP_BYTE_COUNTS = 279, "StripByteCounts";
    MIN_SAMPLE_VALUE = 280, "MinSampleValue";
    MAX_SAMPLE_VALUE = 281, "MaxSampleValue";
    X_RESOLUTION = 282, "XResolution";
    Y_RESOLUTION = 283, "YResolution";
    PLANAR_CONFIGURATION = 284, "PlanarConfiguration";
    PAGE_NAME = 285, "PageName";
    X_POSITION = 286, "XPosition";
    Y_POSITION = 287, "YPosition";
    FREE_OFFSETS = 288, "FreeOffsets";
    FREE_BYTE_COUNTS = 289, "FreeByteCounts";
    GRAY_RESPONSE_UNIT = 290, "GrayResponseUnit";
    GRAY_RESPONSE_CURVE = 291, "GrayResponseCurve";
    T4_OPTIONS = 292, "T4Options";
    T6_OPTIONS = 293, "T6Options";
    RESOLUTION_UNIT = 296, "ResolutionUnit";
    PAGE_NUMBER = 297, "PageNumber";
    TRANSFER_FUNCTION = 301, "TransferFunction";
    SOFTWARE = 305, "Software";
    DATE_TIME = 306, "DateTime";
    ARTIST = 315, "Artist";
    HOST_COMPUTER = 316, "HostComputer";
    PREDICTOR = 317, "Predictor";
    WHITE_POINT = 318, "WhitePoint";
    PRIMARY_CHROMATICITIES = 319, "PrimaryChromaticities";
    COLOR_MAP = 320, "ColorMap";
    HALFTONE_HINTS = 321, "HalftoneHints";
    TILE_WIDTH = 322, "TileWidth";
    TILE_LENGTH = 323, "TileLength";
    TILE_OFFSETS = 324, "TileOffsets";
    TILE_BYTE_COUNTS = 325, "TileByteCounts";
    SUB_IFDS = 330, "SubIFDs";
    INK_SET = 332, "InkSet";
    INK_NAMES = 333, "InkNames";
    NUMBER_OF_INKS = 334, "NumberOfInks";
    DOT_RANGE = 336, "DotRange";
    TARGET_PRINTER = 337, "TargetPrinter";
    EXTRA_SAMPLES = 338, "ExtraSamples";
    SAMPLE_FORMAT = 339, "SampleFormat";
    S_MIN_SAMPLE_VALUE = 340, "SMinSampleValue";
    S_MAX_SAMPLE_VALUE = 341, "SMaxSampleValue";
    TRANSFER_RANGE = 342, "TransferRange";
    JPEG_TABLES = 347, "JPEGTables";
    JPEG_PROC = 512, "JPEGProc";
    JPEG_INTERCHANGE_FORMAT = 513, "JPEGInterchangeFormat";
    JPEG_INTERCHANGE_FORMAT_LENGTH = 514, "JPEGInterchangeFormatLength";
    JPEG_RESTART_INTERVAL = 515, "JPEGRestartInterval";
    JPEG_LOSSLESS_PREDICTORS = 517, "JPEGLosslessPredictors";
    JPEG_POINT_TRANSFORMS = 518, "JPEGPointTransforms";
    JPEG_Q_TABLES = 519, "JPEGQTables";
    JPEG_DC_TABLES = 520, "JPEGDCTables";
    JPEG_AC_TABLES = 521, "JPEGACTables";
    YCBCR_COEFFICIENTS = 529, "YCbCrCoefficients";
    YCBCR_SUB_SAMPLING = 530, "YCbCrSubSampling";
    YCBCR_POSITIONING = 531, "YCbCrPositioning";
    REFERENCE_BLACK_WHITE = 532, "ReferenceBlackWhite";
    XMP = 700, "XMP";
    IMAGE_DEPTH = 32997, "ImageDepth";
    TILE_DEPTH = 32998, "TileDepth";
    COPYRIGHT = 33432, "Copyright";
    MODEL_PIXEL_SCALE = 33550, "ModelPixelScale";
    IPTC = 33723, "IPTC";
    INTERGRAPH_MATRIX = 33920, "IntergraphMatrix";
    MODEL_TIEPOINT = 33922, "ModelTiepoint";
    MODEL_TRANSFORMATION = 34264, "ModelTransformation";
    PHOTOSHOP = 34377, "Photoshop";
    EXIF_IFD = 34665, "ExifIFD";
    ICC_PROFILE = 34675, "ICCProfile";
    GEO_KEY_DIRECTORY = 34735, "GeoKeyDirectory";
    GEO_DOUBLE_PARAMS = 34736, "GeoDoubleParams";
    GEO_ASCII_PARAMS = 34737, "GeoAsciiParams";
    GPS_IFD = 34853, "GPSIFD";
    IMAGE_SOURCE_DATA = 37724, "ImageSourceData";
    GDAL_METADATA = 42112, "GDAL_METADATA";
    GDAL_NODATA = 42113, "GDAL_NODATA";
    RPC_COEFFICIENTS = 50844, "RPCCoefficient";
    LERC_PARAMETERS = 50674, "LercParameters";
    DNG_VERSION = 50706, "DNGVersion";
    TIFF_RSID = 50908, "TIFF_RSID";
    GEO_METADATA = 50909, "GEO_METADATA";
}

impl Tag {
    /// True for the tile and strip tables, whose entries are looked up one by one.
    pub fn is_block_table(self) -> bool {
        matches!(self, Tag::STRIP_OFFSETS | Tag::STRIP_BYTE_COUNTS | Tag::TILE_OFFSETS | Tag::TILE_BYTE_COUNTS)
    }
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
