//! What a codec lacks is said before the first block, in one line.

use cog_codecs::ErrorClass;
use cog_codecs::encode::{BandSlices, BlockShape, EncodeCodec, Encoder, Encoding, JpegColors, LercWrapping};
use cog_tiff::{Predictor, SampleType};

fn refusal(codec: EncodeCodec, predictor: Predictor, shape: &BlockShape) -> String {
    let error = Encoder::new(&Encoding { codec, predictor }, shape).expect_err("it should be refused");
    assert_eq!(error.class(), ErrorClass::Usage, "{error}");
    assert!(!error.to_string().contains('\n'));
    error.to_string()
}

fn block(sample_type: SampleType) -> BlockShape {
    BlockShape::new(16, 16, 1, sample_type)
}

fn packed(sample_type: SampleType, bits: u16) -> BlockShape {
    let mut shape = block(sample_type);
    shape.bits = bits;
    shape
}

const LZW: EncodeCodec = EncodeCodec::Lzw;

#[test]
fn predictors_that_do_not_fit() {
    let refused = |predictor, shape: &BlockShape| refusal(LZW, predictor, shape);
    assert_eq!(
        refused(Predictor::FloatingPoint, &block(SampleType::U16)),
        "predictor 3 cannot encode samples of uint16"
    );
    assert_eq!(
        refused(Predictor::Horizontal, &packed(SampleType::U8, 1)),
        "predictor 2 cannot encode samples of uint8 in 1 bit"
    );
    assert_eq!(
        refused(Predictor::Horizontal, &block(SampleType::Complex32)),
        "predictor 2 cannot encode samples of complex64"
    );
    assert_eq!(refused(Predictor::Other(7), &block(SampleType::U8)), "predictors are 1, 2 and 3");
    let with_packbits = refusal(EncodeCodec::PackBits, Predictor::Horizontal, &block(SampleType::U8));
    assert_eq!(with_packbits, "predictor 2 cannot encode blocks of PackBits");
}

#[test]
fn levels_out_of_bounds() {
    let level = |codec| refusal(codec, Predictor::None, &block(SampleType::U8));
    let most = if cfg!(feature = "deflate") { 12 } else { 9 };
    if cfg!(feature = "deflate-pure") {
        assert_eq!(level(EncodeCodec::Deflate { level: 0 }), format!("deflate: level 0 is not within 1 to {most}"));
        assert_eq!(level(EncodeCodec::Deflate { level: 13 }), format!("deflate: level 13 is not within 1 to {most}"));
    }
    if cfg!(any(feature = "zstd", feature = "zstd-pure")) {
        assert_eq!(level(EncodeCodec::Zstd { level: 0 }), "ZSTD: level 0 is not within 1 to 22");
        assert_eq!(level(EncodeCodec::Zstd { level: 23 }), "ZSTD: level 23 is not within 1 to 22");
    }
}

#[test]
fn levels_and_qualities_of_the_others() {
    let level = |codec, samples| refusal(codec, Predictor::None, &BlockShape::new(16, 16, samples, SampleType::U8));
    assert_eq!(level(EncodeCodec::Lzma { level: 10 }, 1), "LZMA: level 10 is not within 0 to 9");
    assert_eq!(level(EncodeCodec::WebP { quality: 0 }, 3), "WebP: quality 0 is not within 1 to 100");
    assert_eq!(level(EncodeCodec::WebP { quality: 101 }, 3), "WebP: quality 101 is not within 1 to 100");
    for max_error in [-1.0, f64::NAN, f64::INFINITY] {
        let codec = EncodeCodec::Lerc { max_error, wrapping: LercWrapping::None };
        assert_eq!(level(codec, 1), "the largest error of LERC is a number not below 0");
    }
    let wrapped = |wrapping| level(EncodeCodec::Lerc { max_error: 0.0, wrapping }, 1);
    assert_eq!(wrapped(LercWrapping::Zstd { level: 23 }), "ZSTD: level 23 is not within 1 to 22");
    assert!(wrapped(LercWrapping::Deflate { level: 0 }).starts_with("deflate: level 0 is not within 1 to "));
}

#[test]
fn samples_that_webp_and_lerc_lack() {
    let webp = |shape: &BlockShape| refusal(EncodeCodec::WebPLossless, Predictor::None, shape);
    assert_eq!(webp(&BlockShape::new(16, 16, 3, SampleType::U16)), "WebP cannot encode samples of uint16");
    assert_eq!(webp(&BlockShape::new(16, 16, 3, SampleType::I8)), "WebP cannot encode samples of int8");
    assert_eq!(webp(&packed(SampleType::U8, 4)), "WebP cannot encode samples of uint8 in 4 bits");
    assert_eq!(webp(&BlockShape::new(16, 16, 1, SampleType::U8)), "WebP cannot encode 1 band, only 3 or 4");
    assert_eq!(webp(&BlockShape::new(16, 16, 5, SampleType::U8)), "WebP cannot encode 5 bands, only 3 or 4");
    assert_eq!(
        webp(&BlockShape::new(16_384, 16, 3, SampleType::U8)),
        "WebP cannot encode blocks of 16384 × 16 pixels, only up to 16383 each way"
    );
    let codec = EncodeCodec::Lerc { max_error: 0.0, wrapping: LercWrapping::None };
    let lerc = |shape: &BlockShape| refusal(codec, Predictor::None, shape);
    assert_eq!(lerc(&block(SampleType::U64)), "LERC cannot encode samples of uint64");
    assert_eq!(lerc(&block(SampleType::Complex32)), "LERC cannot encode samples of complex64");
    assert_eq!(lerc(&packed(SampleType::F32, 16)), "LERC cannot encode samples of float32 in 16 bits");
    let predicted = refusal(codec, Predictor::FloatingPoint, &block(SampleType::F32));
    assert_eq!(predicted, "predictor 3 cannot encode blocks of LERC");
}

#[test]
fn samples_that_jpeg_lacks() {
    let jpeg =
        |quality, colors, shape: &BlockShape| refusal(EncodeCodec::Jpeg { quality, colors }, Predictor::None, shape);
    let stored = |shape: &BlockShape| jpeg(75, JpegColors::Stored, shape);
    assert_eq!(stored(&block(SampleType::F32)), "JPEG cannot encode samples of float32");
    assert_eq!(stored(&block(SampleType::U16)), "JPEG cannot encode samples of uint16");
    assert_eq!(stored(&packed(SampleType::U8, 1)), "JPEG cannot encode samples of uint8 in 1 bit");
    let bands = |samples| BlockShape::new(16, 16, samples, SampleType::U8);
    assert_eq!(stored(&bands(5)), "JPEG cannot encode 5 bands, only up to 4");
    assert_eq!(jpeg(75, JpegColors::YCbCr, &bands(4)), "JPEG of YCbCr cannot encode 4 bands, only 3");
    assert_eq!(jpeg(0, JpegColors::Stored, &bands(1)), "JPEG: quality 0 is not within 1 to 100");
    assert_eq!(jpeg(101, JpegColors::Stored, &bands(1)), "JPEG: quality 101 is not within 1 to 100");
    let wide = BlockShape::new(65_501, 16, 1, SampleType::U8);
    assert_eq!(stored(&wide), "JPEG cannot encode blocks of 65501 × 16 pixels, only up to 65500 each way");
    let codec = EncodeCodec::Jpeg { quality: 75, colors: JpegColors::Stored };
    let predicted = refusal(codec, Predictor::Horizontal, &bands(1));
    assert_eq!(predicted, "predictor 2 cannot encode blocks of JPEG");
}

#[cfg(not(feature = "webp"))]
#[test]
fn a_codec_left_out_names_its_feature() {
    let encoding = Encoding { codec: EncodeCodec::WebP { quality: 75 }, predictor: Predictor::None };
    let error = Encoder::new(&encoding, &BlockShape::new(16, 16, 3, SampleType::U8)).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unsupported);
    assert_eq!(
        error.to_string(),
        "compression WebP (50001) is not in this build: enable the feature `webp` of cog-codecs"
    );
}

#[test]
fn sizes_of_zero_and_beyond_the_machine() {
    let nothing = "a block needs at least one row, one column and one band";
    for (width, height, samples) in [(0, 16, 1), (16, 0, 1), (16, 16, 0)] {
        let shape = BlockShape::new(width, height, samples, SampleType::U8);
        assert_eq!(refusal(EncodeCodec::None, Predictor::None, &shape), nothing);
    }
    let huge = BlockShape::new(u32::MAX, u32::MAX, u16::MAX, SampleType::Complex64);
    let error = Encoder::new(&Encoding { codec: LZW, predictor: Predictor::None }, &huge).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Limits);
    let text = "a block of 4294967295 × 4294967295 pixels with 65535 samples is too large for this machine";
    assert_eq!(error.to_string(), text);
}

#[test]
fn depths_that_a_type_does_not_have() {
    for (sample_type, bits) in [(SampleType::U8, 0), (SampleType::U8, 9), (SampleType::U16, 8), (SampleType::I8, 4)] {
        let text = format!("this encoder cannot encode samples of {sample_type} in {bits} bits");
        assert_eq!(refusal(EncodeCodec::None, Predictor::None, &packed(sample_type, bits)), text);
    }
    for (sample_type, bits) in [(SampleType::F32, 24), (SampleType::F64, 16), (SampleType::U32, 16)] {
        refusal(EncodeCodec::None, Predictor::None, &packed(sample_type, bits));
    }
}

#[test]
fn samples_that_do_not_fit_the_block() {
    let encoding = Encoding { codec: EncodeCodec::PackBits, predictor: Predictor::None };
    let mut encoder = Encoder::new(&encoding, &BlockShape::new(4, 4, 2, SampleType::U16)).unwrap();
    let (band, short) = ([0; 32], [0; 31]);
    let mut out = vec![1];
    let mut refused = |bands: &[&[u8]], stride, width, height| {
        let error = encoder.encode(&BandSlices { bands, stride, width, height }, &mut out).unwrap_err();
        assert_eq!((error.class(), out.as_slice()), (ErrorClass::Usage, [1].as_slice()));
        error.to_string()
    };
    assert_eq!(refused(&[&band], 8, 4, 4), "one slice for each band of the block");
    assert_eq!(refused(&[&band, &short], 8, 4, 4), "a band shorter than its rows");
    assert_eq!(refused(&[&band, &band], 8, 5, 4), "more pixels than the block has");
    assert_eq!(refused(&[&band, &band], 8, 4, 5), "more pixels than the block has");
    assert_eq!(refused(&[&band, &band], 7, 4, 4), "a stride shorter than a row");
    assert_eq!(refused(&[&band, &band], usize::MAX, 4, 4), "a band shorter than its rows");
    assert_eq!(refused(&[&band, &band], 8, 0, 4), "a block without pixels");
    assert_eq!(refused(&[&band, &band], 8, 4, 0), "a block without pixels");
}
