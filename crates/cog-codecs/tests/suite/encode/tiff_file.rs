//! A small tiled TIFF of blocks that we encoded, for other software to read.

use cog_codecs::encode::{BandSlices, BlockShape, Encoder, Encoding};
use cog_tiff::Predictor;

/// An image, a slice for each band without gaps between rows, and how its tiles are to be encoded.
pub(super) struct Image<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) bands: &'a [Vec<u8>],
    /// Of a chunky tile: all bands.
    pub(super) tile: BlockShape,
    pub(super) encoding: Encoding,
    /// A plane a band, each tile of one band.
    pub(super) planar: bool,
    /// Tag 262.
    pub(super) photometric: u16,
}

/// Type, number and bytes of a tag's values.
type Value = (u16, usize, Vec<u8>);

impl Image<'_> {
    /// The bytes of the file.
    pub(super) fn file(&self) -> Vec<u8> {
        let mut shape = self.tile;
        if self.planar {
            shape.samples = 1;
        }
        let mut encoder = Encoder::new(&self.encoding, &shape).unwrap();
        let mut file = b"II*\0\0\0\0\0".to_vec();
        let (mut offsets, mut counts) = (Vec::new(), Vec::new());
        let each: Vec<&[Vec<u8>]> = if self.planar { self.bands.chunks(1).collect() } else { vec![self.bands] };
        for bands in each {
            for block in self.tiles(bands, &mut encoder) {
                offsets.push(file.len() as u32);
                counts.push(block.len() as u32);
                file.extend(block);
            }
        }
        let tables = encoder.tables().map(<[u8]>::to_vec);
        self.directory(&mut file, offsets, counts, tables);
        file
    }

    fn tiles(&self, bands: &[Vec<u8>], encoder: &mut Encoder) -> Vec<Vec<u8>> {
        let (across, down) = (self.tile.width as usize, self.tile.height as usize);
        let size = self.tile.sample_type.size();
        let stride = self.width * size;
        let mut tiles = Vec::new();
        for y in (0..self.height).step_by(down) {
            for x in (0..self.width).step_by(across) {
                let slices: Vec<&[u8]> = bands.iter().map(|band| &band[y * stride + x * size..]).collect();
                let (width, height) = (across.min(self.width - x), down.min(self.height - y));
                let mut block = Vec::new();
                encoder.encode(&BandSlices { bands: &slices, stride, width, height }, &mut block).unwrap();
                tiles.push(block);
            }
        }
        tiles
    }

    fn directory(&self, file: &mut Vec<u8>, offsets: Vec<u32>, counts: Vec<u32>, tables: Option<Vec<u8>>) {
        let samples = self.bands.len();
        let shorts =
            |values: &[u16]| -> Value { (3u16, values.len(), values.iter().flat_map(|v| v.to_le_bytes()).collect()) };
        let longs =
            |values: &[u32]| -> Value { (4u16, values.len(), values.iter().flat_map(|v| v.to_le_bytes()).collect()) };
        let mut tags: Vec<(u16, Value)> = vec![
            (256, longs(&[self.width as u32])),
            (257, longs(&[self.height as u32])),
            (258, shorts(&vec![self.tile.bits; samples])),
            (259, shorts(&[self.encoding.codec.compression().code()])),
            (262, shorts(&[self.photometric])),
            (277, shorts(&[samples as u16])),
            (284, shorts(&[if self.planar { 2 } else { 1 }])),
            (322, longs(&[self.tile.width])),
            (323, longs(&[self.tile.height])),
            (324, longs(&offsets)),
            (325, longs(&counts)),
            (339, shorts(&vec![self.tile.sample_format().code(); samples])),
        ];
        if self.encoding.predictor != Predictor::None {
            tags.push((317, shorts(&[self.encoding.predictor.code()])));
        }
        let colors = match self.photometric {
            2 | 6 => 3,
            5 => 4,
            _ => 1,
        };
        if samples > colors {
            // Unassociated alpha where GDAL would have it, else nothing that is known.
            let extra = if self.photometric == 2 && samples == 4 { 2 } else { 0 };
            tags.push((338, shorts(&vec![extra; samples - colors])));
        }
        if let Some(tables) = tables {
            tags.push((347, (7, tables.len(), tables)));
        }
        if self.photometric == 6 {
            tags.push((530, shorts(&[2, 2])));
            let pairs = [0u32, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1];
            tags.push((532, (5, 6, pairs.iter().flat_map(|v| v.to_le_bytes()).collect())));
        }
        if let Some(parameters) = self.encoding.lerc_parameters(&self.tile) {
            tags.push((50674, longs(&parameters)));
        }
        tags.sort_by_key(|(tag, _)| *tag);
        for (_, (_, _, value)) in &mut tags {
            if value.len() > 4 {
                file.resize(file.len().next_multiple_of(2), 0);
                let at = file.len() as u32;
                file.append(value);
                *value = at.to_le_bytes().to_vec();
            }
            value.resize(4, 0);
        }
        file.resize(file.len().next_multiple_of(2), 0);
        let at = file.len() as u32;
        file[4..8].copy_from_slice(&at.to_le_bytes());
        file.extend((tags.len() as u16).to_le_bytes());
        for (tag, (kind, count, value)) in tags {
            file.extend(tag.to_le_bytes());
            file.extend(kind.to_le_bytes());
            file.extend((count as u32).to_le_bytes());
            file.extend(value);
        }
        file.extend([0; 4]);
    }
}
