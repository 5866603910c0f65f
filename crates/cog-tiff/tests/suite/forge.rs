//! Writes TIFFs byte by byte for tests: everything a file can say, and much that it should not.

/// One entry of an IFD.
#[derive(Clone)]
pub(crate) struct Tag {
    code: u16,
    field_type: u16,
    count: u64,
    body: Body,
}

#[derive(Clone)]
enum Body {
    /// Numbers of this many bytes.
    Numbers(usize, Vec<u64>),
    Bytes(Vec<u8>),
    /// Offsets of IFDs, by their place in the list.
    Ifds(Vec<usize>),
    /// Nothing is written: the entry points somewhere.
    At(u64),
}

pub(crate) fn shorts(code: u16, values: &[u16]) -> Tag {
    numbers(code, 3, 2, values.iter().map(|v| u64::from(*v)).collect())
}

pub(crate) fn longs(code: u16, values: &[u32]) -> Tag {
    numbers(code, 4, 4, values.iter().map(|v| u64::from(*v)).collect())
}

pub(crate) fn doubles(code: u16, values: &[f64]) -> Tag {
    numbers(code, 12, 8, values.iter().map(|v| v.to_bits()).collect())
}

pub(crate) fn ascii(code: u16, text: &[u8]) -> Tag {
    Tag { code, field_type: 2, count: text.len() as u64, body: Body::Bytes(text.to_vec()) }
}

/// Numbers of any type.
pub(crate) fn numbers(code: u16, field_type: u16, size: usize, values: Vec<u64>) -> Tag {
    Tag { code, field_type, count: values.len() as u64, body: Body::Numbers(size, values) }
}

/// SubIFDs, by their place in the list of IFDs.
pub(crate) fn sub_ifds(ifds: &[usize]) -> Tag {
    Tag { code: 330, field_type: 4, count: ifds.len() as u64, body: Body::Ifds(ifds.to_vec()) }
}

/// An entry that says what it wants.
pub(crate) fn pointer(code: u16, field_type: u16, count: u64, offset: u64) -> Tag {
    Tag { code, field_type, count, body: Body::At(offset) }
}

/// Width, height and 8-bit samples of an image of one strip.
pub(crate) fn plain(width: u16, height: u16) -> Vec<Tag> {
    vec![
        shorts(256, &[width]),
        shorts(257, &[height]),
        shorts(258, &[8]),
        longs(273, &[8]),
        longs(279, &[u32::from(width) * u32::from(height)]),
    ]
}

#[derive(Clone, Copy)]
pub(crate) struct Forge {
    pub big: bool,
    pub big_endian: bool,
}

pub(crate) const CLASSIC: Forge = Forge { big: false, big_endian: false };
pub(crate) const BIG: Forge = Forge { big: true, big_endian: false };
pub(crate) const ALL: [Forge; 4] =
    [CLASSIC, BIG, Forge { big: false, big_endian: true }, Forge { big: true, big_endian: true }];

impl Forge {
    /// A file whose IFDs form a chain in their order.
    pub(crate) fn chain(self, ifds: &[Vec<Tag>]) -> Vec<u8> {
        let next: Vec<_> = (1..=ifds.len()).map(|i| Some(i).filter(|i| *i < ifds.len())).collect();
        self.linked(ifds, &next)
    }

    /// A file whose IFDs name the next one by its place.
    pub(crate) fn linked(self, ifds: &[Vec<Tag>], next: &[Option<usize>]) -> Vec<u8> {
        let (_, offsets) = self.write(ifds, next, &vec![0; ifds.len()]);
        self.write(ifds, next, &offsets).0
    }

    /// Where the IFDs of such a file lie.
    pub(crate) fn offsets(self, ifds: &[Vec<Tag>]) -> Vec<u64> {
        self.write(ifds, &vec![None; ifds.len()], &vec![0; ifds.len()]).1
    }

    fn write(self, ifds: &[Vec<Tag>], next: &[Option<usize>], offsets: &[u64]) -> (Vec<u8>, Vec<u64>) {
        let width = if self.big { 8 } else { 4 };
        let mut file = if self.big_endian { b"MM".to_vec() } else { b"II".to_vec() };
        self.put(&mut file, 2, if self.big { 43 } else { 42 });
        if self.big {
            self.put(&mut file, 2, 8);
            self.put(&mut file, 2, 0);
        }
        self.put(&mut file, width, offsets.first().copied().unwrap_or(0));
        let mut places = Vec::new();
        for (ifd, next) in ifds.iter().zip(next) {
            let start = file.len();
            places.push(start as u64);
            self.put(&mut file, if self.big { 8 } else { 2 }, ifd.len() as u64);
            let mut values_at = file.len() + ifd.len() * (4 + 2 * width) + width;
            let mut values = Vec::new();
            for tag in ifd {
                self.put(&mut file, 2, u64::from(tag.code));
                self.put(&mut file, 2, u64::from(tag.field_type));
                self.put(&mut file, width, tag.count);
                let mut body = Vec::new();
                match &tag.body {
                    Body::Numbers(size, list) => list.iter().for_each(|n| self.put(&mut body, *size, *n)),
                    Body::Bytes(bytes) => body.extend(bytes),
                    Body::Ifds(list) => list.iter().for_each(|i| self.put(&mut body, 4, offsets[*i])),
                    Body::At(offset) => self.put(&mut body, width, *offset),
                }
                if body.len() <= width {
                    body.resize(width, 0);
                    file.extend(body);
                } else {
                    self.put(&mut file, width, values_at as u64);
                    values_at += body.len();
                    values.extend(body);
                }
            }
            self.put(&mut file, width, next.map_or(0, |i| offsets[i]));
            file.extend(values);
        }
        (file, places)
    }

    /// Appends a number of `size` bytes in the byte order of the file.
    pub(crate) fn put(self, to: &mut Vec<u8>, size: usize, number: u64) {
        let bytes = number.to_le_bytes();
        match self.big_endian {
            false => to.extend(&bytes[..size]),
            true => to.extend(bytes[..size].iter().rev()),
        }
    }
}
