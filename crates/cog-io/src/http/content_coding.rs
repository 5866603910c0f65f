//! `Content-Encoding` (RFC 9110, section 8.4): which codings leave the bytes as they are.

use http::header::{CONTENT_ENCODING, HeaderMap};

/// The codings of IANA's registry that change the bytes, and other names under which compressors are known. What is not here
/// is not a coding of the registry: a word that was stored beside intact bytes (`utf-8`, `binary`, `base64`), as S3 keeps whatever an
/// upload says.
const CHANGING: [&str; 18] = [
    "aes128gcm",
    "br",
    "bzip2",
    "compress",
    "dcb",
    "dcz",
    "deflate",
    "exi",
    "gzip",
    "lz4",
    "lzma",
    "pack200-gzip",
    "snappy",
    "x-bzip2",
    "x-compress",
    "x-gzip",
    "xz",
    "zstd",
];

/// What the headers say about codings of the body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// The bytes are those of the object: no coding, `identity`, or `aws-chunked`, which belongs to an upload and is
    /// left in the metadata by some stores.
    Intact,
    /// This word is not a known coding.
    Unknown(String),
    /// This coding changes the bytes, so that a range of them is not a range of the object.
    Changing(String),
}

/// All header lines together, as one list separated by commas.
pub(super) fn of(headers: &HeaderMap) -> Coding {
    let mut unknown = None;
    for line in headers.get_all(CONTENT_ENCODING) {
        for word in String::from_utf8_lossy(line.as_bytes()).split(',') {
            let word = word.trim().trim_matches('"').to_ascii_lowercase();
            match word.as_str() {
                "" | "identity" | "aws-chunked" => {}
                _ if CHANGING.contains(&word.as_str()) => return Coding::Changing(word),
                _ => unknown = Some(word),
            }
        }
    }
    unknown.map_or(Coding::Intact, Coding::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coding(lines: &[&[u8]]) -> Coding {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(CONTENT_ENCODING, http::HeaderValue::from_bytes(line).unwrap());
        }
        of(&headers)
    }

    #[test]
    fn what_leaves_the_bytes_alone_is_intact_in_every_spelling() {
        for lines in [
            &[][..],
            &[&b""[..]],
            &[b" "],
            &[b","],
            &[b"identity"],
            &[b"Identity , aws-chunked"],
            &[b"AWS-Chunked,"],
            &[b"\"identity\""],
            &[b"aws-chunked", b"identity"],
        ] {
            assert_eq!(coding(lines), Coding::Intact, "{lines:?}");
        }
    }

    #[test]
    fn a_coding_that_changes_the_bytes_is_found_wherever_it_stands() {
        for (lines, named) in [
            (&[&b"gzip"[..]][..], "gzip"),
            (&[b"aws-chunked,gzip"], "gzip"),
            (&[b"GZIP , aws-chunked"], "gzip"),
            (&[b"identity", b"br"], "br"),
            (&[b"utf-8, zstd"], "zstd"),
            (&[b"x-gzip"], "x-gzip"),
        ] {
            assert_eq!(coding(lines), Coding::Changing(named.into()), "{lines:?}");
        }
    }

    #[test]
    fn other_words_are_no_codings() {
        assert_eq!(coding(&[b"utf-8"]), Coding::Unknown("utf-8".into()));
        assert_eq!(coding(&[b"aws-chunked", b"binary"]), Coding::Unknown("binary".into()));
        assert!(matches!(coding(&[b"\xff\xfe"]), Coding::Unknown(_)));
    }
}
