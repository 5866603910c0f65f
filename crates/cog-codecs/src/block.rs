//! The description of one block: what its file's tags say about its bytes.

use cog_tiff::{ByteOrder, Compression, FillOrder, Photometric, Predictor, SampleFormat, SampleType};

use crate::error::{Error, Result};

/// Which samples a block is decoded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ColorView {
    /// As GDAL shows them: YCbCr of 8 bits becomes RGB; 8-bit CMYK and CIELab become RGBA.
    #[default]
    Gdal,
    /// As stored; subsampled chroma is enlarged, nothing is converted.
    Raw,
}

/// One tile or strip as its file describes it.
///
/// Built with [`BlockSpec::new`]; all other fields then have the defaults of TIFF and can be set.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct BlockSpec<'a> {
    /// Columns as encoded: a tile's full width, padding included; a strip's is the image's.
    pub width: u32,
    /// Rows as encoded: a tile's full height, padding included; of a strip the rows it has.
    pub height: u32,
    /// Samples of a pixel within this block: all of them when chunky, 1 when planar.
    pub samples: u16,
    /// Tag 258, of every sample.
    pub bits_per_sample: u16,
    /// Tag 339.
    pub sample_format: SampleFormat,
    /// Tag 259.
    pub compression: Compression,
    /// Tag 317; heeded for LZW, deflate, ZSTD and LZMA, as in libtiff.
    pub predictor: Predictor,
    /// Tag 262.
    pub photometric: Photometric,
    /// Of the file.
    pub byte_order: ByteOrder,
    /// Tag 266.
    pub fill_order: FillOrder,
    /// Tag 530: how many luma columns and rows share one chroma sample. For codecs other than JPEG.
    pub ycbcr_subsampling: (u16, u16),
    /// Tag 347: an abbreviated JPEG stream with tables only. For old-style JPEG what `OldJpeg::header` makes of its tags.
    pub jpeg_tables: Option<&'a [u8]>,
    /// Which samples are wanted.
    pub color_view: ColorView,
    /// Tag 50674: LERC version and additional compression (0 none, 1 deflate, 2 ZSTD).
    pub lerc_parameters: Option<[u32; 2]>,
    /// Tag 292: bit 0 two-dimensional coding, bit 1 uncompressed mode, bit 2 byte-aligned end-of-line codes.
    pub t4_options: u32,
    /// Tag 293: bit 1 uncompressed mode.
    pub t6_options: u32,
    /// Tag 529: luma of red, green and blue. The default is that of CCIR 601.
    pub ycbcr_coefficients: [f32; 3],
    /// Tag 532: black and white of three components. The default is full range, chroma centred at 128.
    pub reference_black_white: [f32; 6],
    /// Tag 318: chromaticity of the white point. The default is D50, as in libtiff.
    pub white_point: [f32; 2],
    /// Tag 332: 1 is CMYK.
    pub ink_set: u16,
    /// Rows that lie within the image: of a tile at the lower edge fewer than its height. A stream that ends after
    /// them is whole, as in GDAL; the rows it lacks are 0.
    pub rows_used: u32,
    /// Columns that lie within the image: of a tile at the right edge fewer than its width. A JPEG stream of so many columns is
    /// whole, as in libtiff; the columns it lacks are 0.
    pub columns_used: u32,
}

impl<'a> BlockSpec<'a> {
    /// A block with the defaults of TIFF 6.0: no predictor, gray with 0 black, little-endian, most significant bit first.
    pub fn new(
        width: u32,
        height: u32,
        samples: u16,
        bits_per_sample: u16,
        sample_format: SampleFormat,
        compression: Compression,
    ) -> Self {
        Self {
            width,
            height,
            samples,
            bits_per_sample,
            sample_format,
            compression,
            predictor: Predictor::None,
            photometric: Photometric::MinIsBlack,
            byte_order: ByteOrder::Little,
            fill_order: FillOrder::MsbFirst,
            ycbcr_subsampling: (2, 2),
            jpeg_tables: None,
            color_view: ColorView::Gdal,
            lerc_parameters: None,
            t4_options: 0,
            t6_options: 0,
            ycbcr_coefficients: [0.299, 0.587, 0.114],
            reference_black_white: [0.0, 255.0, 128.0, 255.0, 128.0, 255.0],
            white_point: [96.425 / 278.893, 100.0 / 278.893],
            ink_set: 1,
            rows_used: height,
            columns_used: width,
        }
    }

    /// The type of the samples delivered.
    ///
    /// # Errors
    /// [`Error::SampleLayout`] where GDAL refuses the combination of format and depth as well.
    pub fn sample_type(&self) -> Result<SampleType> {
        SampleType::of(self.sample_format, self.bits_per_sample)
            .ok_or(Error::SampleLayout { format: self.sample_format, bits: self.bits_per_sample })
    }

    /// Samples per pixel delivered: [`samples`](Self::samples), or 4 where the view turns CMYK or CIELab into RGBA.
    pub fn output_samples(&self) -> u16 {
        if self.changes_colors() && self.photometric != Photometric::YCbCr { 4 } else { self.samples }
    }

    /// Bytes delivered: width × height × [`output_samples`](Self::output_samples) × bytes of a sample.
    ///
    /// # Errors
    /// As [`sample_type`](Self::sample_type), and [`Error::TooLarge`] beyond the address space.
    pub fn output_len(&self) -> Result<usize> {
        let sample = self.sample_type()?.size();
        self.product(&[self.width as usize, self.height as usize, usize::from(self.output_samples()), sample])
    }

    /// Bytes of one row as encoded: packed bits, padded to a whole byte (TIFF 6.0 section 3, "StripByteCounts").
    ///
    /// # Errors
    /// [`Error::TooLarge`] beyond the address space.
    pub fn encoded_row_len(&self) -> Result<usize> {
        let bits =
            self.product(&[self.width as usize, usize::from(self.samples), usize::from(self.bits_per_sample)])?;
        Ok(bits.div_ceil(8))
    }

    /// Bytes of the whole block between codec and predictor: what a codec that delivers
    /// [`Delivery::Encoded`](crate::codec::Delivery::Encoded) has to fill.
    ///
    /// # Errors
    /// [`Error::TooLarge`] beyond the address space.
    pub fn encoded_len(&self) -> Result<usize> {
        if let Some((h, v)) = self.packed_chroma() {
            // TIFF 6.0 section 21: data units of h × v luma samples, one Cb, one Cr.
            let across = self.width.div_ceil(u32::from(h)) as usize;
            let down = self.height.div_ceil(u32::from(v)) as usize;
            let unit = usize::from(h) * usize::from(v) + 2;
            return self.product(&[across, down, unit]);
        }
        self.product(&[self.encoded_row_len()?, self.height as usize])
    }

    /// The subsampling of a block whose chroma is stored in data units, if it is.
    pub(crate) fn packed_chroma(&self) -> Option<(u16, u16)> {
        let jpeg = matches!(self.compression, Compression::Jpeg | Compression::OldJpeg);
        let packed = self.photometric == Photometric::YCbCr
            && !jpeg
            && self.samples == 3
            && self.bits_per_sample == 8
            && self.ycbcr_subsampling != (1, 1);
        packed.then_some(self.ycbcr_subsampling)
    }

    /// Whether GDAL shows pixels of this description in other colours than stored.
    pub(crate) fn stored_colors_differ(&self) -> bool {
        let bytes = self.bits_per_sample == 8 && matches!(self.sample_format, SampleFormat::Uint | SampleFormat::Void);
        bytes
            && match self.photometric {
                Photometric::Separated => self.samples >= 4 && self.ink_set == 1,
                Photometric::CieLab => self.samples == 3,
                // JPEG converts its own YCbCr, WebP and the like know none.
                Photometric::YCbCr => self.samples == 3 && self.compression != Compression::Jpeg,
                _ => false,
            }
    }

    /// Whether the view shows other colours than stored.
    pub(crate) fn changes_colors(&self) -> bool {
        self.color_view == ColorView::Gdal && self.stored_colors_differ()
    }

    /// Bytes of the block as stored, decoded but with its colours left alone.
    pub(crate) fn stored_len(&self) -> Result<usize> {
        let sample = self.sample_type()?.size();
        self.product(&[self.width as usize, self.height as usize, usize::from(self.samples), sample])
    }

    /// Bytes of one sample as encoded, when it has whole bytes.
    pub(crate) fn sample_bytes(&self) -> Option<usize> {
        self.bits_per_sample.is_multiple_of(8).then_some(usize::from(self.bits_per_sample / 8))
    }

    fn product(&self, factors: &[usize]) -> Result<usize> {
        factors
            .iter()
            .try_fold(1usize, |n, &f| n.checked_mul(f))
            .filter(|&n| n <= isize::MAX as usize)
            .ok_or(Error::TooLarge { width: self.width, height: self.height, samples: self.samples })
    }
}
