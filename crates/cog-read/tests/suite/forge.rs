//! Writes TIFFs tag by tag, for layouts that GDAL and tifffile do not write.

/// Tags that tests set.
pub(crate) const NEW_SUBFILE_TYPE: u16 = 254;
pub(crate) const PHOTOMETRIC: u16 = 262;
pub(crate) const COMPRESSION: u16 = 259;
pub(crate) const ROWS_PER_STRIP: u16 = 278;
pub(crate) const PLANAR: u16 = 284;
pub(crate) const TILE: [u16; 2] = [322, 323];
pub(crate) const INK_SET: u16 = 332;
pub(crate) const EXTRA_SAMPLES: u16 = 338;
pub(crate) const SAMPLE_FORMAT: u16 = 339;
pub(crate) const NODATA: u16 = 42113;

/// One IFD and its blocks.
#[derive(Clone)]
pub(crate) struct Page {
    numbers: Vec<(u16, Vec<u16>)>,
    texts: Vec<(u16, String)>,
    blocks: Vec<Vec<u8>>,
}

impl Page {
    /// Gray of one strip with this many samples a pixel, each of so many bits.
    pub(crate) fn new(width: u16, height: u16, samples: u16, bits: u16, block: &[u8]) -> Page {
        let numbers = vec![
            (256, vec![width]),
            (257, vec![height]),
            (258, vec![bits; samples.into()]),
            (COMPRESSION, vec![1]),
            (PHOTOMETRIC, vec![1]),
            (277, vec![samples]),
        ];
        Page { numbers, texts: Vec::new(), blocks: vec![block.to_vec()] }
    }

    /// Sets a tag to SHORTs, instead of what it was.
    pub(crate) fn with(mut self, tag: u16, values: &[u16]) -> Page {
        self.numbers.retain(|(code, _)| *code != tag);
        self.numbers.push((tag, values.to_vec()));
        self
    }

    pub(crate) fn with_text(mut self, tag: u16, text: &str) -> Page {
        self.texts.push((tag, text.to_owned()));
        self
    }

    /// Several blocks instead of one strip: of planes, or tiles.
    pub(crate) fn with_blocks(mut self, blocks: impl IntoIterator<Item = Vec<u8>>) -> Page {
        self.blocks = blocks.into_iter().collect();
        self
    }

    /// Type, count and value of each tag, and where its blocks are.
    fn fields(&self, offsets: &[u32], order: Order) -> Vec<(u16, u16, usize, Vec<u8>)> {
        let tiled = self.numbers.iter().any(|(code, _)| *code == TILE[0]);
        let longs = |values: &mut dyn Iterator<Item = u32>| values.flat_map(|v| order.long(v)).collect::<Vec<u8>>();
        let lengths = &mut self.blocks.iter().map(|block| block.len() as u32);
        let mut fields: Vec<(u16, u16, usize, Vec<u8>)> = vec![
            (if tiled { 324 } else { 273 }, 4, offsets.len(), longs(&mut offsets.iter().copied())),
            (if tiled { 325 } else { 279 }, 4, offsets.len(), longs(lengths)),
        ];
        for (tag, values) in &self.numbers {
            fields.push((*tag, 3, values.len(), values.iter().flat_map(|v| order.short(*v)).collect()));
        }
        for (tag, text) in &self.texts {
            fields.push((*tag, 2, text.len() + 1, [text.as_bytes(), b"\0"].concat()));
        }
        fields.sort();
        fields
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    fn short(self, v: u16) -> [u8; 2] {
        match self {
            Order::Little => v.to_le_bytes(),
            Order::Big => v.to_be_bytes(),
        }
    }

    fn long(self, v: u32) -> [u8; 4] {
        match self {
            Order::Little => v.to_le_bytes(),
            Order::Big => v.to_be_bytes(),
        }
    }
}

/// A classic TIFF whose IFDs form a chain.
pub(crate) fn tiff(pages: &[Page], order: Order) -> Vec<u8> {
    let mut out = match order {
        Order::Little => b"II*\0\0\0\0\0".to_vec(),
        Order::Big => b"MM\0*\0\0\0\0".to_vec(),
    };
    let mut link = 4;
    for page in pages {
        let mut offsets = Vec::new();
        for block in &page.blocks {
            out.resize(out.len().next_multiple_of(2), 0);
            offsets.push(out.len() as u32);
            out.extend_from_slice(block);
        }
        let mut entries = Vec::new();
        for (tag, kind, count, value) in page.fields(&offsets, order) {
            entries.extend_from_slice(&order.short(tag));
            entries.extend_from_slice(&order.short(kind));
            entries.extend_from_slice(&order.long(count as u32));
            let mut inline = value.clone();
            if value.len() > 4 {
                out.resize(out.len().next_multiple_of(2), 0);
                inline = order.long(out.len() as u32).to_vec();
                out.extend_from_slice(&value);
            }
            inline.resize(4, 0);
            entries.extend_from_slice(&inline);
        }
        out.resize(out.len().next_multiple_of(2), 0);
        let ifd = out.len() as u32;
        out[link..link + 4].copy_from_slice(&order.long(ifd));
        out.extend_from_slice(&order.short((entries.len() / 12) as u16));
        out.extend_from_slice(&entries);
        link = out.len();
        out.extend_from_slice(&[0; 4]);
    }
    out
}
