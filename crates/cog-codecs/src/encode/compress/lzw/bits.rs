//! One string of bits behind another.

/// Appends the first `bits` bits of `source` to `out`, of whose last byte `used` bits are taken (0: all eight) and the rest 0.
pub(super) fn append_bits(out: &mut Vec<u8>, used: usize, source: &[u8], bits: usize) {
    let bytes = source.get(..bits.div_ceil(8)).unwrap_or_default();
    out.reserve(bytes.len() + 8);
    match (used, out.pop()) {
        (1..=7, Some(mut last)) => {
            let len = out.len() + (used + bits).div_ceil(8);
            let (words, rest) = bytes.as_chunks::<8>();
            for word in words {
                let word = u64::from_be_bytes(*word);
                out.extend_from_slice(&(u64::from(last) << 56 | word >> used).to_be_bytes());
                last = (word << (8 - used)) as u8;
            }
            for byte in rest {
                out.push(last | byte >> used);
                last = byte << (8 - used);
            }
            out.push(last);
            out.truncate(len);
        }
        (_, last) => {
            out.extend(last);
            out.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_follow_bits(left in prop::collection::vec(any::<bool>(), 0..40), right in prop::collection::vec(any::<bool>(), 0..200)) {
            let packed = |bits: &[bool]| -> Vec<u8> {
                bits.chunks(8).map(|c| c.iter().enumerate().fold(0, |byte, (i, &bit)| byte | u8::from(bit) << (7 - i))).collect()
            };
            let mut out = packed(&left);
            append_bits(&mut out, left.len() % 8, &packed(&right), right.len());
            prop_assert_eq!(out, packed(&[left, right].concat()));
        }
    }
}
