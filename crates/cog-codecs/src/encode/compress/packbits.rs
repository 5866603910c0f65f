//! Compression 32773, TIFF 6.0 section 9. Rows are compressed one by one, as the specification asks.

/// Appends the compressed `row` to `out`.
#[allow(clippy::indexing_slicing, reason = "all places lie between 0 and the length of the row")]
pub(super) fn compress(row: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < row.len() {
        let run = run(&row[at..]);
        if run >= 3 || at + run == row.len() && run > 1 {
            out.extend([(257 - run) as u8, row[at]]);
            at += run;
            continue;
        }
        // Up to where three equal bytes begin: a run of two saves nothing between literals.
        let rest = &row[at..row.len().min(at + 128)];
        let literal =
            rest.windows(3).position(|three| three[0] == three[1] && three[1] == three[2]).unwrap_or(rest.len());
        out.push((literal - 1) as u8);
        out.extend_from_slice(&rest[..literal]);
        at += literal;
    }
}

/// How many bytes equal the first, at most 128.
fn run(bytes: &[u8]) -> usize {
    bytes.iter().take(128).take_while(|&byte| Some(byte) == bytes.first()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(row: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        compress(row, &mut out);
        out
    }

    #[test]
    fn the_example_of_apple_comes_out() {
        // Apple's Technical Note TN1023, which defined the format.
        let row = [
            0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22, 0xaa, 0xaa, 0xaa, 0xaa,
            0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
        ];
        let want = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
        assert_eq!(packed(&row), want);
    }

    #[test]
    fn runs_and_literals_end_at_128() {
        assert_eq!(packed(&[7; 129]), [0x81, 7, 0, 7]);
        let row: Vec<u8> = (0..=255).collect();
        let out = packed(&row);
        assert_eq!((out.len(), out[0], out[129]), (258, 127, 127));
        assert_eq!(packed(&[1, 2, 2]), [2, 1, 2, 2]);
        assert_eq!(packed(&[5, 5]), [0xff, 5]);
    }
}
