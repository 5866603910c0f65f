//! Decodes one tile (or strip) of a file that lies in memory: `tile FILE COLUMN ROW`. What a viewer or a server does that gets its
//! bytes elsewhere.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;

use cog_codecs::{BlockSpec, Codecs, Scratch};
use cog_tiff::{BlockTable, Image, Stop, Tag, Tiff};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, column, row] = arguments.as_slice() else { return Err("usage: tile FILE COLUMN ROW".into()) };
    let samples = decode(&std::fs::read(path)?, column.parse()?, row.parse()?)?;
    println!("{} bytes: {:?}…", samples.len(), samples.iter().take(16).collect::<Vec<_>>());
    Ok(())
}

/// The samples of a block of the first image, pixel by pixel, in the byte order of this machine. Of a file with one plane a band,
/// those of the first band.
pub fn decode(file: &[u8], column: u32, row: u32) -> Result<Vec<u8>, Box<dyn Error>> {
    let tiff = Tiff::parse(file)?;
    let ifd = tiff.ifds().first().ok_or("no image")?;
    let image = Image::of(ifd)?;
    let index = image.grid.index(column, row, 0).ok_or("no such block")?;
    let block = match BlockTable::of(ifd, &image)?.location(file, index) {
        Ok(block) => block,
        Err(Stop::Failed(error)) => return Err(error.into()),
        Err(Stop::Need(_)) => return Err("the table of blocks is cut off".into()),
    };
    let range = usize::try_from(block.offset)?..usize::try_from(block.offset.saturating_add(block.length))?;
    let compressed = file.get(range).ok_or("the block lies behind the end of the file")?;

    let grid = &image.grid;
    let (samples, bits, format) = (image.samples_per_block(), image.bits, image.sample_format);
    let mut spec = BlockSpec::new(grid.block_width, grid.stored_rows(row), samples, bits, format, image.compression);
    spec.predictor = image.predictor;
    spec.photometric = image.photometric;
    spec.byte_order = ifd.byte_order();
    spec.fill_order = image.fill_order;
    spec.ycbcr_subsampling = image.ycbcr_subsampling;
    spec.jpeg_tables = ifd.value(Tag::JPEG_TABLES).and_then(|tables| tables.bytes());

    let mut out = vec![0; spec.output_len()?];
    // Both are made once a thread, and serve all of its blocks.
    let (codecs, mut scratch) = (Codecs::default(), Scratch::new());
    codecs.decode_block(&spec, compressed, &mut scratch, &mut out)?;
    Ok(out)
}
