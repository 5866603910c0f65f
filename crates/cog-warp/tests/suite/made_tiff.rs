//! Small GeoTIFFs made in memory: float32, uncompressed, planes together, with overviews.

use cog_raster::GeoTransform;
use cog_raster::ndarray::Array3;

/// What a file has.
pub(crate) struct MadeTiff {
    /// (band, row, column) of each level, full resolution first.
    pub(crate) levels: Vec<Array3<f32>>,
    /// Side of tiles; 0 for one strip.
    pub(crate) tile: u32,
    pub(crate) epsg: u16,
    pub(crate) transform: GeoTransform,
    pub(crate) nodata: Option<f32>,
}

struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    bytes: Vec<u8>,
}

fn shorts(tag: u16, values: &[u16]) -> Entry {
    Entry { tag, kind: 3, count: values.len() as u32, bytes: values.iter().flat_map(|v| v.to_le_bytes()).collect() }
}

fn longs(tag: u16, values: &[u32]) -> Entry {
    Entry { tag, kind: 4, count: values.len() as u32, bytes: values.iter().flat_map(|v| v.to_le_bytes()).collect() }
}

fn doubles(tag: u16, values: &[f64]) -> Entry {
    Entry { tag, kind: 12, count: values.len() as u32, bytes: values.iter().flat_map(|v| v.to_le_bytes()).collect() }
}

fn text(tag: u16, value: &str) -> Entry {
    let bytes = [value.as_bytes(), &[0]].concat();
    Entry { tag, kind: 2, count: bytes.len() as u32, bytes }
}

impl MadeTiff {
    /// The file's bytes: all IFDs first, then the tiles of the levels one after the other, row by row.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        // The offsets of tiles depend on the size of the IFDs, which depends on the number of tiles alone.
        let draft = self.headers(0);
        let mut out = self.headers(draft.len() as u32);
        for level in &self.levels {
            self.tiles(level, &mut out);
        }
        out
    }

    /// Columns and rows of a block.
    fn block(&self, level: &Array3<f32>) -> (u32, u32) {
        let (_, rows, columns) = level.dim();
        if self.tile == 0 { (columns as u32, rows as u32) } else { (self.tile, self.tile) }
    }

    fn block_bytes(&self, level: &Array3<f32>) -> u32 {
        let (width, height) = self.block(level);
        width * height * level.dim().0 as u32 * 4
    }

    fn grid(&self, level: &Array3<f32>) -> (u32, u32) {
        let (_, rows, columns) = level.dim();
        let (width, height) = self.block(level);
        ((columns as u32).div_ceil(width), (rows as u32).div_ceil(height))
    }

    fn tiles(&self, level: &Array3<f32>, out: &mut Vec<u8>) {
        let (across, down) = self.grid(level);
        let (width, height) = self.block(level);
        let (bands, rows, columns) = level.dim();
        for (y, x) in (0..down).flat_map(|y| (0..across).map(move |x| (y, x))) {
            for (row, column) in (0..height).flat_map(|row| (0..width).map(move |column| (row, column))) {
                let (row, column) = ((y * height + row) as usize, (x * width + column) as usize);
                for band in 0..bands {
                    let inside = row < rows && column < columns;
                    let value = if inside { level[[band, row, column]] } else { 0.0 };
                    out.extend(value.to_le_bytes());
                }
            }
        }
    }

    fn headers(&self, mut data: u32) -> Vec<u8> {
        let mut out = b"II*\0\x08\0\0\0".to_vec();
        for (i, level) in self.levels.iter().enumerate() {
            let (bands, rows, columns) = level.dim();
            let (across, down) = self.grid(level);
            let count = across * down;
            let size = self.block_bytes(level);
            let offsets: Vec<u32> = (0..count).map(|i| data + i * size).collect();
            data += count * size;
            let mut entries = vec![
                longs(254, &[u32::from(i > 0)]),
                longs(256, &[columns as u32]),
                longs(257, &[rows as u32]),
                shorts(258, &vec![32; bands]),
                shorts(259, &[1]),
                shorts(262, &[1]),
                shorts(277, &[bands as u16]),
                shorts(284, &[1]),
                shorts(338, &vec![0; bands - 1]),
                shorts(339, &vec![3; bands]),
            ];
            let sizes = vec![size; count as usize];
            entries.extend(match self.tile {
                0 => vec![longs(273, &offsets), longs(278, &[rows as u32]), longs(279, &sizes)],
                side => vec![longs(322, &[side]), longs(323, &[side]), longs(324, &offsets), longs(325, &sizes)],
            });
            if i == 0 {
                let GeoTransform { a, b, c, d, e, f } = self.transform;
                entries.push(doubles(34264, &[a, b, 0.0, c, d, e, 0.0, f, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]));
                // Geographic codes lie in another key, and are another type of model, than projected ones.
                let (model, key) = if self.epsg == 4326 { (2, 2048) } else { (1, 3072) };
                let keys = [1, 1, 0, 3, 1024, 0, 1, model, 1025, 0, 1, 1, key, 0, 1, self.epsg];
                entries.push(shorts(34735, &keys));
            }
            if let Some(nodata) = self.nodata {
                entries.push(text(42113, &nodata.to_string()));
            }
            entries.retain(|entry| entry.count > 0);
            entries.sort_by_key(|entry| entry.tag);
            let is_last = i + 1 == self.levels.len();
            directory(&mut out, &entries, is_last);
        }
        out
    }
}

/// An IFD at the end of the file, with its values behind it and the next one behind these.
fn directory(out: &mut Vec<u8>, entries: &[Entry], is_last: bool) {
    let mut values_at = out.len() as u32 + 2 + 12 * entries.len() as u32 + 4;
    let mut values = Vec::new();
    out.extend((entries.len() as u16).to_le_bytes());
    for entry in entries {
        out.extend(entry.tag.to_le_bytes());
        out.extend(entry.kind.to_le_bytes());
        out.extend(entry.count.to_le_bytes());
        if entry.bytes.len() <= 4 {
            let mut own = entry.bytes.clone();
            own.resize(4, 0);
            out.extend(own);
        } else {
            out.extend(values_at.to_le_bytes());
            let mut own = entry.bytes.clone();
            own.resize(own.len().next_multiple_of(2), 0);
            values_at += own.len() as u32;
            values.extend(own);
        }
    }
    out.extend(if is_last { 0 } else { values_at }.to_le_bytes());
    out.extend(values);
}
