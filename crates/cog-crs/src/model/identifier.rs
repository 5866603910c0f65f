use std::borrow::Cow;
use std::fmt;

/// Text of the registry, or of a file.
pub(crate) type Text = Cow<'static, str>;

/// A code of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Number(u32),
    Text(Text),
}

/// Who registered an object, and under which code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identifier {
    pub(crate) authority: Text,
    pub(crate) code: Code,
}

impl Code {
    /// A number where the text is one in its usual spelling: "0815" stays text.
    pub(crate) fn of(text: &str) -> Code {
        match text.parse::<u32>() {
            Ok(number) if number.to_string() == text => Code::Number(number),
            _ => Code::Text(Cow::Owned(text.to_string())),
        }
    }

    pub(crate) fn number(&self) -> Option<u32> {
        match self {
            Code::Number(number) => Some(*number),
            Code::Text(_) => None,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Code::Number(number) => number.fmt(f),
            Code::Text(text) => text.fmt(f),
        }
    }
}

impl Identifier {
    pub(crate) const fn epsg(code: u32) -> Identifier {
        Identifier { authority: Cow::Borrowed("EPSG"), code: Code::Number(code) }
    }

    /// The planetary authority's name bears its version: IAU_2015.
    pub(crate) fn versioned(&self) -> (&str, Option<&str>) {
        match self.authority.split_once('_') {
            Some(("IAU", year)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => ("IAU", Some(year)),
            _ => (&self.authority, None),
        }
    }

    pub(crate) fn epsg_code(&self) -> Option<u32> {
        self.code.number().filter(|_| self.authority.eq_ignore_ascii_case("EPSG"))
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.authority, self.code)
    }
}

/// The letters and digits of a name in lower case, and its plus signs (CH1903+ is not CH1903): what two spellings of one
/// name share.
pub(crate) fn canonical(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric() || *c == '+')
}

/// True for "NAD83 / UTM zone 10N" and "NAD83_UTM_zone_10N".
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    canonical(a).eq(canonical(b))
}

/// FNV-1a of the canonical name: the registry holds it for every name.
pub(crate) fn name_hash(name: &str) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut bytes = [0; 4];
    for c in canonical(name) {
        for byte in c.encode_utf8(&mut bytes).bytes() {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}
