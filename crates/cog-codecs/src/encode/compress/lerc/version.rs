//! Blobs of version 3 made into version 4, which libtiff expects: it warns of any other.
//!
//! Where a pixel has one value, the versions differ by its number in the header and by the range of values behind the mask.

/// Bytes before the mask of version 3.
const HEADER: usize = 62;

/// The same blob in version 4, whose range is written by `number`; none for other blobs than of version 3.
pub(super) fn as_version_4(blob: &[u8], number: impl Fn(f64) -> Vec<u8>) -> Option<Vec<u8>> {
    let (header, rest) = blob.split_at_checked(HEADER)?;
    if header.get(..10)? != b"Lerc2 \x03\0\0\0" {
        return None;
    }
    let word = |at: usize| header.get(at..)?.first_chunk::<4>().copied();
    let double = |at: usize| header.get(at..)?.first_chunk::<8>().map(|bytes| f64::from_le_bytes(*bytes));
    let (least, most) = (double(46)?, double(54)?);
    let mask = u32::from_le_bytes(*rest.first_chunk()?) as usize;
    let (mask, values) = rest.split_at_checked(mask.checked_add(4)?)?;
    let mut out = b"Lerc2 \x04\0\0\0\0\0\0\0".to_vec();
    out.extend_from_slice(header.get(14..22)?);
    out.extend(1u32.to_le_bytes()); // values of a pixel
    out.extend_from_slice(header.get(22..)?);
    out.extend_from_slice(mask);
    // Neither where all values are the same, nor where there is none.
    if word(22)? != [0; 4] && least != most {
        out.extend(number(least));
        out.extend(number(most));
    }
    out.extend_from_slice(values);
    let len = u32::try_from(out.len()).ok()?;
    out.get_mut(34..38)?.copy_from_slice(&len.to_le_bytes());
    let sum = fletcher_32(out.get(14..)?);
    out.get_mut(10..14)?.copy_from_slice(&sum.to_le_bytes());
    Some(out)
}

/// Fletcher's checksum of big-endian words, as LERC has it.
fn fletcher_32(bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks::<2>();
    let last = rest.first().map(|&byte| u32::from(byte) << 8);
    let (mut a, mut b) = (0xffffu32, 0xffffu32);
    // So many words fit before the sums have to be folded.
    for words in words.chunks(359) {
        for word in words {
            a += u32::from(u16::from_be_bytes(*word));
            b += a;
        }
        (a, b) = (folded(a), folded(b));
    }
    if let Some(last) = last {
        a += last;
        b += a;
    }
    folded(folded(b)) << 16 | folded(folded(a))
}

fn folded(sum: u32) -> u32 {
    (sum & 0xffff) + (sum >> 16)
}
