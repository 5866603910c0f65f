//! What a codec lacks is said before the first block, in one line.

use cog_codecs::ErrorClass;
use cog_codecs::encode::{BandSlices, BlockShape, EncodeCodec, Encoder, Encoding};
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
